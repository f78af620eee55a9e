import type { DialectName } from '@runcast/run-events';

/** Where a snippet is at home: in a terminal, in a file that Node 22 or newer runs, or in a page and its back end. */
export type SnippetPlace = 'shell' | 'node' | 'page';

export interface Snippet {
  readonly name: string;
  readonly about: string;
  readonly place: SnippetPlace;
  readonly code: string;
}

export interface SnippetFacts {
  /** The gateway of this page. */
  readonly origin: string;
  readonly run: string;
  readonly session: string | undefined;
  readonly agent: string | undefined;
}

/**
 * How to watch this very run from elsewhere, one way for each kind of client. Each runs as it stands, with an API key in the
 * environment as `KEY`.
 */
export function snippetsFor({ origin, run, session, agent }: SnippetFacts): Snippet[] {
  const socketOrigin = origin.replace(/^http/, 'ws');
  const path = `/v1/runs/${inAddress(run)}/stream`;
  const curl = (name: string, about: string, dialect?: DialectName): Snippet => ({
    name,
    about,
    place: 'shell',
    code: `curl -N -H "Authorization: Bearer $KEY" '${origin}${path}${dialect === undefined ? '' : `?dialect=${dialect}`}'`,
  });
  return [
    curl('curl', 'Server-Sent Events in a terminal, from the first event on.'),
    {
      name: 'EventSource',
      about: 'In a page. It cannot send headers, so its back end asks for a ticket, good once and for a minute.',
      place: 'page',
      code: lines(
        ...ticketFunction(origin, run),
        `const source = new EventSource(\`${origin}${path}?ticket=\${await ticket()}\`);`,
        `source.onmessage = ({ data, lastEventId }) => console.log(lastEventId, JSON.parse(data).type);`,
        `source.addEventListener('end', () => source.close());`,
      ),
    },
    {
      name: 'WebSocket',
      about: 'The same as frames. The ticket goes as a subprotocol, so that it stands in no address.',
      place: 'page',
      code: lines(
        ...ticketFunction(origin, run),
        `const socket = new WebSocket('${socketOrigin}${path}', ['runcast', \`runcast.ticket.\${await ticket()}\`]);`,
        `socket.onmessage = ({ data }) => console.log(data);`,
      ),
    },
    {
      name: '@runcast/client',
      about: 'Reconnects and goes on behind the last event by itself.',
      place: 'node',
      code: lines(
        `import { watchRun } from '@runcast/client';`,
        ``,
        `const connection = { url: '${origin}', apiKey: process.env.KEY };`,
        `for await (const event of watchRun(connection, ${quoted(run)})) {`,
        `  console.log(event.position, event.type, event.data);`,
        `}`,
      ),
    },
    {
      name: 'AG-UI',
      about: 'The stock HttpAgent of @ag-ui/client attaches to the run; the key needs the scope invoke.',
      place: 'node',
      code: lines(
        `import { HttpAgent } from '@ag-ui/client';`,
        ``,
        `const agent = new HttpAgent({`,
        `  url: '${origin}/v1/agents/${inAddress(agent ?? 'any')}/ag-ui',`,
        `  headers: { authorization: \`Bearer \${process.env.KEY}\` },`,
        `  threadId: ${quoted(session ?? run)},`,
        `});`,
        `await agent.runAgent({ runId: ${quoted(run)} }, { onEvent: ({ event }) => console.log(event.type) });`,
      ),
    },
    curl('agent-os', 'In the words of the agent-os SDK.', 'agent-os'),
    curl('Zihin', 'As the events of a Zihin session.', 'zihin'),
    curl('Vectara', 'As the events of a Vectara agent.', 'vectara'),
    session === undefined
      ? curl('Lyzr agent', 'As Lyzr agent events.', 'lyzr-agent')
      : {
          name: 'Lyzr agent',
          about: 'As Lyzr agent events, on the socket of the session: it stays open over all of its runs.',
          place: 'node',
          code: lines(
            `const address = '${socketOrigin}/session/${inAddress(session)}';`,
            `const socket = new WebSocket(\`\${address}?x-api-key=\${process.env.KEY}\`);`,
            `socket.onmessage = ({ data }) => console.log(JSON.parse(data));`,
          ),
        },
    {
      name: 'Lyzr workflow',
      about: 'As Lyzr workflow events, with a class like that of their page.',
      place: 'node',
      code: lines(
        `class WorkflowMonitor {`,
        `  constructor(flow, run) {`,
        `    const address = \`${socketOrigin}/ws/\${flow}/\${encodeURIComponent(run)}\`;`,
        `    this.socket = new WebSocket(\`\${address}?x-api-key=\${process.env.KEY}\`);`,
        `    this.socket.onmessage = ({ data }) => this.onEvent(JSON.parse(data));`,
        `  }`,
        `  onEvent({ event_type, task_name = '' }) {`,
        `    console.log(event_type, task_name);`,
        `    if (event_type === 'flow_completed' || event_type === 'flow_error') this.socket.close();`,
        `  }`,
        `}`,
        `// The flow "-": any run, by its id.`,
        `new WorkflowMonitor('-', ${quoted(run)});`,
      ),
    },
  ];
}

function ticketFunction(origin: string, run: string): string[] {
  return [
    `// In your back end, which holds the key:`,
    `async function ticket() {`,
    `  const answer = await fetch('${origin}/v1/tickets', {`,
    `    method: 'POST',`,
    `    headers: { authorization: \`Bearer \${process.env.KEY}\`, 'content-type': 'application/json' },`,
    `    body: JSON.stringify({ run: ${quoted(run)} }),`,
    `  });`,
    `  return (await answer.json()).ticket;`,
    `}`,
    `// In the page, which asks it for one:`,
  ];
}

/** An id within an address that stands between apostrophes. */
function inAddress(id: string): string {
  return encodeURIComponent(id).replaceAll("'", '%27');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function lines(...all: string[]): string {
  return all.join('\n');
}
