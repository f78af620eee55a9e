import type { WatchedEvent } from '@runcast/client';

const MAX = 240;
/** What says most about an event, in this order. */
const TELLING = ['question', 'message', 'text', 'content', 'response', 'output', 'input', 'phase', 'reason'];

/** What an event is called by; a tool's call may name the step around it as well. */
const OWN_NAME: Readonly<Record<string, string>> = { step: 'step', 'tool-call': 'tool', 'llm-call': 'model' };

/** One line that says what an event is about. */
export function gistOf({ type, data }: Pick<WatchedEvent, 'type' | 'data'>): string {
  const own = OWN_NAME[type.split('.')[0]!];
  const names = [...(own === undefined ? [] : [own]), 'step', 'tool', 'model'];
  const name = names.map((field) => data[field]).find((value) => typeof value === 'string');
  const failure = (data['error'] as { message?: unknown } | undefined)?.message;
  const told = failure ?? TELLING.map((field) => data[field]).find((value) => value !== undefined && value !== null);
  const words = [name, told === undefined ? undefined : oneLine(told)].filter(Boolean).join('  ');
  // An event of somebody's own making: all it says, rather than nothing.
  return (words || (Object.keys(data).length === 0 ? '' : oneLine(data))).slice(0, MAX);
}

function oneLine(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.slice(0, 4 * MAX).replace(/\s+/g, ' ');
}
