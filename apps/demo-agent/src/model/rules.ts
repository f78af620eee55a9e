/** One message of a conversation, as far as the rules look at it. */
export interface Turn {
  readonly from: 'system' | 'human' | 'ai' | 'tool';
  readonly text: string;
  /** Of a tool's message: the tool. */
  readonly tool?: string | undefined;
}

export interface ToolRequest {
  readonly name: string;
  readonly args: Readonly<Record<string, string | number>>;
}

/** What the model says: a text, and perhaps a tool that it wants called first. */
export interface Reply {
  readonly text: string;
  readonly call?: ToolRequest;
}

/** What a node of the graph asks the model to be; the words are its system prompt. */
export const ROLES = {
  planner: 'You plan how to answer the question. Name one tool a line.',
  researcher: 'You follow the plan with your tools, one call at a time, and then sum up what you found.',
  reviewer: 'You review what was found. Say "enough", or what to look at again.',
  reporter: 'You write the report from what was found.',
} as const;

/** Stands in for a language model: the same conversation always gets the same reply. */
export function reply(conversation: readonly Turn[]): Reply {
  const [system, ...turns] = conversation;
  switch (system?.text) {
    case ROLES.planner:
      return { text: planFor(turns.at(-1)?.text ?? '').join('\n') };
    case ROLES.researcher:
      return research(turns);
    case ROLES.reviewer:
      return { text: review(turns) };
    default:
      return { text: report(turns) };
  }
}

const LOOK_AGAIN = 'Look again: one document is not enough, compare it with a second.';

function planFor(question: string): string[] {
  const plan: string[] = [];
  const document = /\b([\w/-]+\.md)\b/.exec(question)?.[1];
  const expression = /calculate ([-+*/()\d. ]+)/i.exec(question)?.[1];
  if (document !== undefined) plan.push(`read_document ${document}`);
  else if (/document/i.test(question)) plan.push('list_documents', 'read_document', 'word_statistics');
  if (/recent runs/i.test(question)) plan.push('recent_runs');
  if (expression !== undefined) plan.push(`calculate ${expression.trim()}`);
  return plan.length > 0 ? plan : ['recent_runs'];
}

function research(turns: readonly Turn[]): Reply {
  const results = turns.filter(({ from }) => from === 'tool');
  const plan = (turns.find(({ from }) => from === 'ai')?.text ?? '').split('\n');
  const next = plan.find((line) => !results.some(({ tool }) => tool === toolOf(line)));
  const names = documentNames(results);
  if (next !== undefined) return requestFor(next, names[0]);
  const compared = results.filter(({ tool }) => tool === 'word_statistics').length;
  if (turns.some(({ text }) => text === LOOK_AGAIN) && compared < 2) return requestFor('word_statistics', names[1]);
  return { text: `I have ${results.length} findings.` };
}

function requestFor(line: string, document: string | undefined): Reply {
  const name = toolOf(line);
  const rest = line.slice(name.length).trim();
  switch (name) {
    case 'read_document':
    case 'word_statistics':
      return { text: '', call: { name, args: { name: rest || (document ?? 'README.md') } } };
    case 'calculate':
      return { text: '', call: { name, args: { expression: rest } } };
    case 'recent_runs':
      return { text: '', call: { name, args: { limit: 20 } } };
    default:
      return { text: '', call: { name, args: {} } };
  }
}

function review(turns: readonly Turn[]): string {
  const compared = turns.filter(({ tool }) => tool === 'word_statistics').length;
  return compared === 1 && documentNames(turns).length > 1 ? LOOK_AGAIN : 'enough';
}

function report(turns: readonly Turn[]): string {
  const findings = turns.filter(({ from, tool }) => from === 'tool' && tool !== 'list_documents');
  const lines = findings.map(({ tool, text }) => `- ${tool}: ${text.slice(0, 160).replaceAll('\n', ' ')}`);
  return [`On "${turns[0]?.text}":`, ...lines].join('\n');
}

function toolOf(line: string): string {
  return line.split(' ', 1)[0] ?? '';
}

function documentNames(turns: readonly Turn[]): string[] {
  const listed = turns.find(({ tool }) => tool === 'list_documents')?.text;
  return listed === undefined ? [] : (JSON.parse(listed) as string[]);
}
