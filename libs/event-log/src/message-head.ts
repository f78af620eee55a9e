import type { Msg } from '@nats-io/transport-node';

const FIRST_LINE = 'NATS/1.0\r\n';

/** One header of a message; empty when it has none of that name. */
export type HeaderOf = (name: string) => string;

/**
 * The headers of a message that carries no status, each looked up when it is asked for; `undefined` for one with a
 * status. nats.js makes a map of lists of all of them, which was a sixth of what a replay costs.
 */
export function headersOf(message: Msg): HeaderOf | undefined {
  const text = headText(message);
  // Whatever else it is: the client knows.
  if (text === undefined) return (message.headers?.code ?? 0) === 0 ? slowly(message) : undefined;
  return (name) => lookUp(text, name);
}

/**
 * The head as text. The client hands out the payload as a part of what came over the network, where the head stands right
 * before it; `undefined` when that is not so, or when the head says more than headers.
 */
function headText(message: Msg): string | undefined {
  const { data, subject } = message;
  // Of everything there is: the head, the payload and where it came from. What the log sends wants no answer; of what
  // does want one this is not the head.
  const size = (message as Msg & { size?: () => number }).size?.() ?? 0;
  const length = size - data.length - subject.length;
  const start = data.byteOffset - length;
  if (length <= FIRST_LINE.length || start < 0) return undefined;
  const text = Buffer.from(data.buffer, start, length).toString('latin1');
  return text.startsWith(FIRST_LINE) && text.endsWith('\r\n\r\n') ? text : undefined;
}

function lookUp(text: string, name: string): string {
  const line = text.indexOf(`\r\n${name}:`);
  if (line === -1) return '';
  const from = line + name.length + 3;
  return text.slice(from, text.indexOf('\r\n', from)).trim();
}

function slowly(message: Msg): HeaderOf {
  return (name) => message.headers?.get(name) ?? '';
}
