/** One answer of a service, over whichever transport. */
export interface Answer {
  /** The HTTP status; of a NATS answer the one in its body; 0 for a connection that was cut without an answer. */
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
}

/** Every status of docs/errors.md and of the good answers of docs/api.md. */
const DOCUMENTED = new Set([
  101, 200, 202, 204, 207, 400, 401, 403, 404, 405, 406, 408, 409, 410, 413, 414, 415, 422, 429, 431,
]);
const STACK = /\n\s+at .+:\d+:\d+|node_modules|"stack":/;

/** What is wrong with an answer to `tenant`; `undefined` when nothing is. `foreign` is what only the other tenant may read. */
export function faultOf(answer: Answer, foreign: string): string | undefined {
  if (answer.status >= 500) return `status ${answer.status}`;
  if (!DOCUMENTED.has(answer.status)) return `undocumented status ${answer.status}`;
  if (answer.text.includes(foreign)) return 'another tenant’s data';
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
