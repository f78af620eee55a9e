import type { JsonValue } from '@runcast/run-events';

/** Below the depth that the gateway takes, with room for the envelope around the value. */
const MAX_DEPTH = 40;
/** How many values are looked at: objects that share their parts are a tree here, and trees can explode. */
const MAX_VALUES = 20_000;
/** Agents put whole documents into their state. Beyond this, an event carries a preview instead. */
const MAX_CHARACTERS = 64_000;
/** As long as the agent-os SDK lets a preview be. */
const MAX_PREVIEW_CHARACTERS = 500;

/**
 * Whatever an agent's code may hold, as JSON that an event can carry. Never throws: messages become
 * `{type, content, …}`, cycles and what lies too deep are named instead of followed, and a value too large to send
 * is replaced by its preview.
 */
export function toPlainJson(value: unknown): JsonValue {
  const plain = simplify(value, start()) ?? null;
  const text = JSON.stringify(plain);
  if (text.length <= MAX_CHARACTERS) return plain;
  return { truncated: true, characters: text.length, preview: preview(text) };
}

/** The first 500 characters of a value's text, a string as it is and anything else as JSON. */
export function preview(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(simplify(value, start()) ?? null);
  const cut = text.slice(0, MAX_PREVIEW_CHARACTERS);
  // Half an emoji would be stored as a replacement character.
  return cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed();
}

/** Where in a value the walk is, and how many more values it may look at in all. */
interface Walk {
  readonly parents: readonly object[];
  readonly budget: { left: number };
}

function start(): Walk {
  return { parents: [], budget: { left: MAX_VALUES } };
}

/** `undefined` for what JSON leaves out: undefined itself, functions, symbols. */
function simplify(value: unknown, walk: Walk): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : simplifyObject(value, walk);
    default:
      return undefined;
  }
}

function simplifyObject(value: object, walk: Walk): JsonValue | undefined {
  if (walk.parents.includes(value)) return '[circular]';
  if (walk.parents.length >= MAX_DEPTH) return '[too deep]';
  if ((walk.budget.left -= 1) < 0) return '[too large]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const path = { parents: [...walk.parents, value], budget: walk.budget };
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof Error) return { type: value.name, message: value.message };
  if (value instanceof Set) return simplifyList([...(value as Set<unknown>)], path);
  if (value instanceof Map) return simplifyMembers(Object.fromEntries(value as Map<string, unknown>), path);
  if (Array.isArray(value)) return simplifyList(value, path);
  return simplifyMembers(isMessage(value) ? messageFacts(value) : value, path);
}

function simplifyList(values: readonly unknown[], path: Walk): JsonValue[] {
  return values.map((value) => simplify(value, path) ?? null);
}

function simplifyMembers(source: object, path: Walk): JsonValue {
  const members: [string, JsonValue][] = [];
  for (const key of Object.keys(source)) {
    const member = simplify(readMember(source, key), path);
    if (member !== undefined) members.push([key, member]);
  }
  return Object.fromEntries(members);
}

/** A getter of somebody else's class may throw. */
function readMember(source: object, key: string): unknown {
  try {
    return (source as Record<string, unknown>)[key];
  } catch (error) {
    return `[unreadable: ${String(error)}]`;
  }
}

interface Message {
  readonly content: unknown;
  readonly name?: unknown;
  readonly tool_calls?: readonly { readonly name: unknown; readonly args: unknown; readonly id?: unknown }[];
  readonly tool_call_id?: unknown;
  getType(): string;
}

/** By shape, not by class: an agent may well hold messages of a second copy of the library. */
export function isMessage(value: object): value is Message {
  return 'content' in value && 'getType' in value && typeof value.getType === 'function';
}

function messageFacts(message: Message): object {
  const calls = message.tool_calls?.map(({ name, args, id }) => ({ name, args, id }));
  return {
    type: message.getType(),
    content: message.content,
    name: message.name,
    tool_call_id: message.tool_call_id,
    ...(calls?.length && { tool_calls: calls }),
  };
}
