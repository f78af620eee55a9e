import type { WatchedEvent } from '@runcast/client';
import type { JsonObject, JsonValue } from '@runcast/run-events';
import type picocolors from 'picocolors';
import { durationText } from '../duration.ts';
import { printable, shortened } from '../printable.ts';

type Colors = ReturnType<typeof picocolors.createColors>;

/** Wide enough for the canonical types. */
const TYPE_WIDTH = 22;

/** One event as a line of a terminal: when, how long after the one before, what, and what it says. */
export function timelineLine(
  event: WatchedEvent,
  before: WatchedEvent | undefined,
  { columns, colors }: { readonly columns: number; readonly colors: Colors },
): string {
  const gap = before && Date.parse(event.occurred_at) - Date.parse(before.occurred_at);
  const time = event.occurred_at.slice(11, 23);
  const after = (gap === undefined || gap < 1 ? '' : `+${durationText(gap)}`).padStart(10);
  const type = printable(event.type).padEnd(TYPE_WIDTH);
  const room = columns - time.length - after.length - type.length - 4;
  const said = shortened(saidBy(event), Math.max(10, room));
  return `${colors.dim(time)} ${colors.dim(after)}  ${typeColor(event, colors)(type)} ${said}`.trimEnd();
}

/** One event as a line of a pipe: tabs between position, time, run, type and what it says; nothing cut. */
export function plainLine(event: WatchedEvent): string {
  const { position, occurred_at: at, run, type } = event;
  return [position, at, printable(run), printable(type), saidBy(event)].join('\t');
}

/** The fields that say most about an event, first wins. */
const TELLING = ['message', 'error', 'question', 'content', 'text', 'output', 'answer', 'response', 'input', 'phase'];
const NAMING = ['tool', 'step', 'model', 'title', 'name'];

/** What an event says, in one line; whatever has no telling field is told as JSON. */
export function saidBy({ data }: Pick<WatchedEvent, 'data'>): string {
  const name = firstOf(data, NAMING);
  const told = firstOf(data, TELLING);
  if (name === undefined && told === undefined)
    return Object.keys(data).length > 0 ? printable(JSON.stringify(data)) : '';
  return [name, told].filter((part) => part !== undefined).join('  ');
}

function firstOf(data: JsonObject, fields: readonly string[]): string | undefined {
  const field = fields.find((each) => data[each] !== undefined && data[each] !== null);
  return field === undefined ? undefined : textOf(data[field]!);
}

function textOf(value: JsonValue): string {
  if (typeof value === 'string') return printable(value);
  const { message } = (value ?? {}) as { message?: unknown };
  return printable(typeof message === 'string' ? message : JSON.stringify(value));
}

function typeColor({ type, level }: WatchedEvent, colors: Colors): (text: string) => string {
  if (level === 'error' || type.endsWith('.failed')) return colors.red;
  if (level === 'warning' || type.startsWith('human-input.')) return colors.yellow;
  if (type.startsWith('run.')) return colors.bold;
  if (type.startsWith('tool-call.')) return colors.cyan;
  if (type.startsWith('llm-call.')) return colors.magenta;
  return (text) => text;
}
