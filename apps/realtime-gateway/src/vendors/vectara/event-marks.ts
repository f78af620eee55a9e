import type { RecordedEvent } from '@runcast/run-events';

/** What clients of this vendor say about events that stand in the log for good. */
export const MARKS = {
  hide: 'vectara.event_hidden',
  show: 'vectara.event_shown',
  delete: 'vectara.event_deleted',
  deleteSession: 'vectara.session_deleted',
} as const;

export const MARK_TYPES: readonly string[] = Object.values(MARKS);

/** What is not to be shown of a session. */
export interface Marks {
  /** Event ids. */
  readonly hidden: ReadonlySet<string>;
  readonly deleted: ReadonlySet<string>;
  readonly sessionDeleted: boolean;
}

export const NO_MARKS: Marks = { hidden: new Set(), deleted: new Set(), sessionDeleted: false };

/** The marks after one more event, in log order: of hide and show the newest counts, a deletion is for ever. */
export function markedAfter(before: Marks, { type, data }: Pick<RecordedEvent, 'type' | 'data'>): Marks {
  const id = data['event'] as string;
  switch (type) {
    case MARKS.hide:
      return { ...before, hidden: new Set([...before.hidden, id]) };
    case MARKS.show:
      return { ...before, hidden: new Set([...before.hidden].filter((other) => other !== id)) };
    case MARKS.delete:
      return { ...before, deleted: new Set([...before.deleted, id]) };
    case MARKS.deleteSession:
      return { ...before, sessionDeleted: true };
    default:
      return before;
  }
}

export function isShown(marks: Marks, id: string, includeHidden: boolean): boolean {
  return !marks.deleted.has(id) && (includeHidden || !marks.hidden.has(id));
}
