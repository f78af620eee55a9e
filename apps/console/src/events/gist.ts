import type { WatchedEvent } from '@runcast/client';

const MAX = 240;
/** What says most about an event, in this order. */
const TELLING = ['question', 'message', 'text', 'content', 'response', 'output', 'input', 'phase', 'reason'];

/** One line that says what an event is about. */
export function gistOf({ data }: Pick<WatchedEvent, 'data'>): string {
  const name = [data['step'], data['tool'], data['model']].find((value) => typeof value === 'string');
  const failure = (data['error'] as { message?: unknown } | undefined)?.message;
  const told = failure ?? TELLING.map((field) => data[field]).find((value) => value !== undefined && value !== null);
  return [name, told === undefined ? undefined : oneLine(told)].filter(Boolean).join('  ').slice(0, MAX);
}

function oneLine(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.slice(0, 4 * MAX).replace(/\s+/g, ' ');
}
