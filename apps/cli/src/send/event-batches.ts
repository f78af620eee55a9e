import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { UserError } from '../errors.ts';

/** One event of the input: its text, and where it stands, for whoever has to find it again. */
export interface InputEvent {
  readonly line: number;
  readonly text: string;
}

/** As much as one request carries. */
const MAX_EVENTS = 200;
const MAX_CHARACTERS = 512 * 1024;
/** A file that is one JSON array is read as a whole. */
const MAX_ARRAY_CHARACTERS = 64 * 1024 * 1024;

/**
 * The events of an input in requests of a bearable size, in their order: one JSON object a line, or one JSON array.
 *
 * @throws {UserError} naming the line that is no JSON object
 */
export async function* eventBatches(input: Readable): AsyncGenerator<InputEvent[]> {
  let batch: InputEvent[] = [];
  let characters = 0;
  for await (const event of eventsOf(input)) {
    if (batch.length > 0 && (batch.length === MAX_EVENTS || characters + event.text.length > MAX_CHARACTERS)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(event);
    characters += event.text.length;
  }
  if (batch.length > 0) yield batch;
}

async function* eventsOf(input: Readable): AsyncGenerator<InputEvent> {
  let line = 0;
  let array: string[] | undefined;
  let characters = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line += 1;
    if (array === undefined && text.trim() === '') continue;
    if (array === undefined && /^\s*\[/.test(text)) array = [];
    if (array === undefined) yield { line, text: requireObject(line, text) };
    else {
      characters += text.length;
      if (characters > MAX_ARRAY_CHARACTERS) throw new UserError('the array is too large: write one event a line');
      array.push(text);
    }
  }
  if (array !== undefined) yield* membersOf(array.join('\n'));
}

function* membersOf(text: string): Generator<InputEvent> {
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch (error) {
    throw new UserError(`expected a JSON array, or one JSON object a line: ${(error as Error).message}`);
  }
  for (const [index, member] of (members as unknown[]).entries()) {
    // Written anew: a request has one event a line. The gateway keeps the text that it is given.
    yield { line: index + 1, text: requireObject(index + 1, JSON.stringify(member)) };
  }
}

function requireObject(line: number, text: string): string {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch {
    // Told below.
  }
  throw new UserError(`event ${line}: expected a JSON object, found ${text.slice(0, 60)}`);
}
