import type { RecordedEvent } from '@runcast/run-events';

/** What a reader of a run's answer has been told so far. */
export interface Told {
  readonly asked: boolean;
  readonly answered: boolean;
  /** Part of a message that has not been told as a whole yet. */
  readonly inPieces: boolean;
}

export const NOTHING_TOLD: Told = { asked: false, answered: false, inPieces: false };

export function toldAfter(before: Told, event: RecordedEvent): Told {
  switch (event.type) {
    case 'message.received':
      return { ...before, asked: true };
    case 'message.delta':
      return { ...before, answered: true, inPieces: true };
    case 'message.sent':
      return { ...before, answered: true, inPieces: false };
    default:
      return before;
  }
}

/**
 * The event without what it only repeats: the question in a run's start, the answer in its end. Vendors whose streams have
 * no start and no end would show either twice.
 */
export function withoutRepeats<E extends RecordedEvent>(event: E, told: Told): E {
  if (event.type === 'run.started' && told.asked) return { ...event, data: without(event, 'message', 'input') };
  if (event.type === 'run.completed' && told.answered) return { ...event, data: without(event, 'output') };
  return event;
}

function without({ data }: RecordedEvent, ...members: string[]) {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !members.includes(name)));
}
