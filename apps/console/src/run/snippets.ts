import type { DialectName } from '@runcast/run-events';

export interface Snippet {
  readonly name: string;
  readonly about: string;
  readonly code: string;
}

export interface SnippetFacts {
  /** The gateway of this page. */
  readonly origin: string;
  readonly run: string;
  readonly session: string | undefined;
  readonly flow: string | undefined;
}

const KEY = '$KEY';

/** How to watch this very run from elsewhere, one way for each kind of client. `$KEY` stands for an API key. */
export function snippetsFor({ origin, run, session }: SnippetFacts): Snippet[] {
  const stream = `${origin}/v1/runs/${encodeURIComponent(run)}/stream`;
  const socket = `${origin.replace(/^http/, 'ws')}/v1/runs/${encodeURIComponent(run)}/stream`;
  const dialect = (name: DialectName): string => `${stream}?dialect=${name}`;
  return [
    {
      name: 'curl',
      about: 'Server-Sent Events in a terminal, from the first event on.',
      code: `curl -N -H "Authorization: Bearer ${KEY}" '${stream}'`,
    },
    {
      name: 'EventSource',
      about: 'In a page. It cannot send headers, so your back end asks for a ticket, good once and for a minute.',
      code: [
        `const asked = await fetch('${origin}/v1/tickets', {`,
        `  method: 'POST',`,
        `  headers: { authorization: \`Bearer \${process.env.KEY}\`, 'content-type': 'application/json' },`,
        `  body: JSON.stringify({ run: ${JSON.stringify(run)} }),`,
        `});`,
        `const { ticket } = await asked.json();`,
        `const source = new EventSource(\`${stream}?ticket=\${ticket}\`);`,
        `source.onmessage = ({ data, lastEventId }) => console.log(lastEventId, JSON.parse(data));`,
        `source.addEventListener('end', () => source.close());`,
      ].join('\n'),
    },
    {
      name: 'WebSocket',
      about: 'The same as frames. The ticket goes as a subprotocol, so that it stands in no address.',
      code: [
        `const socket = new WebSocket('${socket}', ['runcast', 'runcast.ticket.' + ticket]);`,
        `socket.onmessage = ({ data }) => console.log(JSON.parse(data));`,
      ].join('\n'),
    },
    {
      name: '@runcast/client',
      about: 'Reconnects and goes on behind the last event by itself.',
      code: [
        `import { watchRun } from '@runcast/client';`,
        ``,
        `for await (const event of watchRun({ url: '${origin}', apiKey: KEY }, ${JSON.stringify(run)})) {`,
        `  console.log(event.position, event.type, event.data);`,
        `}`,
      ].join('\n'),
    },
    {
      name: 'AG-UI',
      about: 'As AG-UI events; its HttpAgent attaches to a run that is under way.',
      code: `curl -N -H "Authorization: Bearer ${KEY}" '${dialect('ag-ui')}'`,
    },
    {
      name: 'agent-os',
      about: 'In the words of the agent-os SDK.',
      code: `curl -N -H "Authorization: Bearer ${KEY}" '${dialect('agent-os')}'`,
    },
    {
      name: 'Zihin',
      about: 'As the events of a Zihin session.',
      code: `curl -N -H "Authorization: Bearer ${KEY}" '${dialect('zihin')}'`,
    },
    {
      name: 'Vectara',
      about: 'As the events of a Vectara agent.',
      code: `curl -N -H "Authorization: Bearer ${KEY}" '${dialect('vectara')}'`,
    },
    {
      name: 'Lyzr',
      about:
        session === undefined ? 'As Lyzr agent events.' : 'As Lyzr agent events; its socket is that of the session.',
      code:
        session === undefined
          ? `curl -N -H "Authorization: Bearer ${KEY}" '${dialect('lyzr-agent')}'`
          : `npx wscat -c '${origin.replace(/^http/, 'ws')}/ws/${encodeURIComponent(session)}?x-api-key=${KEY}'`,
    },
  ];
}
