import type { WatchedEvent } from '@runcast/client';
import type { Span } from '../waterfall/span.ts';
import { SpanTree } from '../waterfall/span-tree.ts';

/** The spans of several runs, told in one feed: each run's together, the runs in the order in which they showed up. */
export class SessionSpans {
  readonly #trees = new Map<string, { readonly tree: SpanTree; readonly indexes: number[] }>();
  #count = 0;

  add(event: WatchedEvent): void {
    const known = this.#trees.get(event.run);
    const run = known ?? { tree: new SpanTree(), indexes: [] };
    if (!known) this.#trees.set(event.run, run);
    run.tree.add(event);
    run.indexes.push(this.#count);
    this.#count += 1;
  }

  spans(): Span[] {
    return [...this.#trees].flatMap(([run, { tree, indexes }]) =>
      tree.spans().map((span) => ({
        ...span,
        // Ids are unique in their run only; so are the places of its events.
        id: `${run} ${span.id}`,
        events: span.events.map((index) => indexes[index]!),
        ...(span.kind === 'run' && { note: span.note ?? run }),
      })),
    );
  }
}
