import type { FeedPage } from './topic.ts';

/**
 * Joins the pages of several subjects into one feed, in log order. Complete up to where the page that reaches least
 * far ends, and cut there: beyond it that subject may hold events which belong in between.
 */
export function mergeBySequence(pages: readonly FeedPage[], upTo: number): FeedPage {
  const reached = pages.reduce((least, page) => Math.min(least, page.upTo), upTo);
  const events = pages
    .flatMap((page) => page.events)
    .filter((event) => event.position.sequence <= reached)
    .sort((left, right) => left.position.sequence - right.position.sequence);
  return { events, upTo: reached };
}
