/** What became of a feed that was cut off and came back. */
export interface Recovery {
  /** Stored while the feed was cut off, and delivered after it came back. */
  readonly recovered: number;
  /** Stored, and not delivered. */
  readonly lost: number;
  /** Delivered more than once. */
  readonly doubled: number;
}

/**
 * Counts, believing nobody: what the tables say was stored against what the page was really given.
 *
 * @param before positions that the page held when the feed was cut
 * @param received positions that it was given since, in the order in which they came
 * @param stored positions behind the last of `before`, as the list of the run's events has them
 */
export function countRecovery(
  before: readonly string[],
  received: readonly string[],
  stored: readonly string[],
): Recovery {
  const held = new Set(before);
  const given = new Set(received);
  return {
    recovered: stored.filter((position) => given.has(position)).length,
    lost: stored.filter((position) => !given.has(position) && !held.has(position)).length,
    doubled: received.length - new Set(received.filter((position) => !held.has(position))).size,
  };
}

/** `14 events recovered, 0 lost, 0 doubled` */
export function describeRecovery({ recovered, lost, doubled }: Recovery): string {
  return `${recovered} ${recovered === 1 ? 'event' : 'events'} recovered, ${lost} lost, ${doubled} doubled`;
}
