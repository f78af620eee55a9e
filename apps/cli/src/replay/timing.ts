/** How long to wait before each event so that they follow each other as they did, `speed` times as fast, in milliseconds. */
export function waitsBetween(
  events: readonly { readonly occurred_at: string }[],
  speed: number,
  longestMs: number,
): number[] {
  return events.map(({ occurred_at: at }, index) => {
    const before = events[index - 1];
    if (before === undefined) return 0;
    // The clocks of several senders may run backwards.
    const gap = Math.max(0, Date.parse(at) - Date.parse(before.occurred_at));
    return Math.min(longestMs, gap / speed);
  });
}
