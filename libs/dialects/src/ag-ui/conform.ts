import type { Frame } from '../dialect.ts';

/** What a stock AG-UI client holds to be open at a point of its stream. */
export interface Conversation {
  readonly run: 'none' | 'running' | 'finished' | 'failed';
  /** What has been opened and not closed, each as the event that closes it, keyed by that event's own identity. */
  readonly open: ReadonlyMap<string, AgUiEvent>;
  /** Messages that were sent in pieces: the whole that follows would show their text a second time. */
  readonly inPieces: ReadonlySet<unknown>;
}

type AgUiEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

export const BEFORE_THE_FIRST_FRAME: Conversation = { run: 'none', open: new Map(), inPieces: new Set() };

/**
 * The next frame as a stock client will take it: none, itself, or itself with what has to stand before it.
 *
 * Their client fails the whole stream on one event out of place, and honest recordings are full of them: a vendor that
 * tells only the end of a step, a run that is watched from its middle, events after the end. Requires the frames of one
 * run in order; pure, so a feed that resumes replays from the run's start to know where it stands.
 */
export function conform(before: Conversation, frame: Frame, ids: RunIds): { after: Conversation; frames: Frame[] } {
  const event = JSON.parse(frame.data) as AgUiEvent;
  const needed = mayFollow(before, event) ? [...opening(before, event, ids), ...closing(before, event), event] : [];
  const changed =
    needed.length === 1 ? [frame] : needed.map((each) => (each === event ? frame : { data: JSON.stringify(each) }));
  return { after: needed.reduce(follow, before), frames: changed };
}

/** As the protocol names them: our session and our run. */
export interface RunIds {
  readonly threadId: string;
  readonly runId: string;
}

const WHOLE_MESSAGE = ['TEXT_MESSAGE_START', 'TEXT_MESSAGE_CONTENT', 'TEXT_MESSAGE_END'];

function mayFollow(before: Conversation, event: AgUiEvent): boolean {
  if (before.run === 'failed') return false;
  if (before.run === 'finished') return event.type === 'RUN_STARTED';
  if (before.run === 'running' && event.type === 'RUN_STARTED') return false;
  if (WHOLE_MESSAGE.includes(event.type) && before.inPieces.has(event['messageId'])) return false;
  // What is already open cannot be opened again: a step that a loop enters twice before it is left.
  const closer = closerOf(event);
  return closer === undefined || !before.open.has(keyOf(closer));
}

/** The start that a recording left out. */
function opening(before: Conversation, event: AgUiEvent, ids: RunIds): AgUiEvent[] {
  const start = before.run === 'none' && event.type !== 'RUN_STARTED' ? [{ type: 'RUN_STARTED', ...ids }] : [];
  const opener = openerOf(event);
  return opener && !before.open.has(keyOf(event)) ? [...start, opener] : start;
}

/** What a recording never closed, closed before the end in reverse order. */
function closing(before: Conversation, event: AgUiEvent): AgUiEvent[] {
  return event.type === 'RUN_FINISHED' ? [...before.open.values()].reverse() : [];
}

function follow(before: Conversation, event: AgUiEvent): Conversation {
  if (event.type === 'RUN_STARTED') return { ...BEFORE_THE_FIRST_FRAME, run: 'running' };
  if (event.type === 'RUN_ERROR') return { ...BEFORE_THE_FIRST_FRAME, run: 'failed' };
  if (event.type === 'RUN_FINISHED') return { ...BEFORE_THE_FIRST_FRAME, run: 'finished' };
  if (event.type === 'TEXT_MESSAGE_CHUNK')
    return { ...before, inPieces: new Set([...before.inPieces, event['messageId']]) };
  const open = new Map(before.open);
  const closer = closerOf(event);
  if (closer) open.set(keyOf(closer), closer);
  if (CLOSERS.includes(event.type)) open.delete(keyOf(event));
  return { ...before, open };
}

function closerOf({ type, messageId, toolCallId, stepName }: AgUiEvent): AgUiEvent | undefined {
  switch (type) {
    case 'STEP_STARTED':
      return { type: 'STEP_FINISHED', stepName };
    case 'TEXT_MESSAGE_START':
      return { type: 'TEXT_MESSAGE_END', messageId };
    case 'TOOL_CALL_START':
      return { type: 'TOOL_CALL_END', toolCallId };
    case 'REASONING_START':
      return { type: 'REASONING_END', messageId };
    case 'REASONING_MESSAGE_START':
      return { type: 'REASONING_MESSAGE_END', messageId };
    default:
      return undefined;
  }
}

const CLOSERS = ['STEP_FINISHED', 'TEXT_MESSAGE_END', 'TOOL_CALL_END', 'REASONING_END', 'REASONING_MESSAGE_END'];

/** The event that must have come before; events inside of something name it as its closer does. */
function openerOf({ type, messageId, toolCallId, stepName }: AgUiEvent): AgUiEvent | undefined {
  switch (type) {
    case 'STEP_FINISHED':
      return { type: 'STEP_STARTED', stepName };
    case 'TEXT_MESSAGE_CONTENT':
    case 'TEXT_MESSAGE_END':
      return { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' };
    case 'TOOL_CALL_ARGS':
    case 'TOOL_CALL_END':
      return { type: 'TOOL_CALL_START', toolCallId, toolCallName: 'unknown' };
    case 'REASONING_END':
      return { type: 'REASONING_START', messageId };
    case 'REASONING_MESSAGE_CONTENT':
    case 'REASONING_MESSAGE_END':
      return { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' };
    default:
      return undefined;
  }
}

/** Which open thing an event is about: content and end of one message share it. */
function keyOf({ type, messageId, toolCallId, stepName }: AgUiEvent): string {
  if (type.startsWith('STEP')) return `step ${String(stepName)}`;
  if (type.startsWith('TOOL_CALL')) return `tool call ${String(toolCallId)}`;
  if (type.startsWith('REASONING_MESSAGE')) return `reasoning message ${String(messageId)}`;
  return `${type.startsWith('REASONING') ? 'reasoning' : 'message'} ${String(messageId)}`;
}
