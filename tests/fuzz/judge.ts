/** One answer of a service, over whichever transport. */
export interface Answer {
  /** The HTTP status; of a NATS answer the one in its body; 0 for a connection that was cut without an answer. */
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
}

export interface Expected {
  /** What the route's document names. */
  readonly documented: ReadonlySet<number>;
  /** Words that only tenants other than the caller may read. */
  readonly foreign: readonly string[];
}

const STACK = /\n\s+at .+:\d+:\d+|node_modules|"stack":/;

/** What is wrong with an answer; `undefined` when nothing is. */
export function faultOf(answer: Answer, { documented, foreign }: Expected): string | undefined {
  if (answer.status >= 500) return `status ${answer.status}`;
  if (!documented.has(answer.status)) return `undocumented status ${answer.status}`;
  if (foreign.some((words) => answer.text.includes(words))) return 'another tenant’s data';
  if (answer.status >= 400 && STACK.test(answer.text)) return 'a stack trace';
  if (answer.status >= 400 && answer.text !== '' && !isJson(answer.text)) return 'an error that is no JSON';
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
