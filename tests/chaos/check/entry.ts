/** One event as one source shows it. */
export interface Entry {
  readonly id: string;
  readonly position: string;
  /** Part of what the event says, different for every event: shows whether the content is the one that was sent. */
  readonly mark: string;
}

/** The mark of an event, from its data in our own words. See eventText. */
export function markOf(data: object): string {
  const { step, message, output } = data as { step?: unknown; message?: unknown; output?: unknown };
  const mark = step ?? message ?? output;
  return typeof mark === 'string' ? mark : '';
}
