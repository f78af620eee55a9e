import type { RunBody, RunPage } from '../api/types.ts';
import type { RunFilter } from '../runs/run-filter.ts';

export interface AppliedChanges {
  readonly pages: readonly RunPage[];
  /** Whether only reading the list anew can say where a changed run belongs. */
  readonly isUnsure: boolean;
}

/**
 * The pages of a list after some runs have changed: rows change in place, rows that the filter no longer takes go, and runs
 * that began after all shown ones come in at the top, where the list's order has them. Text is searched by the gateway
 * alone, so a searched list is unsure of every run it does not show.
 */
export function applyChanges(
  pages: readonly RunPage[],
  changed: readonly RunBody[],
  filter: RunFilter,
): AppliedChanges {
  const byId = new Map(changed.map((run) => [run.id, run]));
  const shown = new Set(pages.flatMap(({ runs }) => runs.map(({ id }) => id)));
  const newest = pages[0]?.runs[0]?.started_at ?? '';
  const unknown = changed.filter((run) => !shown.has(run.id) && takes(filter, run));
  const added = filter.q === undefined ? unknown.filter((run) => run.started_at > newest && run.attempt === 1) : [];
  const updated = pages.map((page, index) => {
    const kept = page.runs.flatMap((run) => {
      const now = byId.get(run.id) ?? run;
      return takes(filter, now) ? [now] : [];
    });
    return { ...page, runs: index === 0 ? [...newestFirst(added), ...kept] : kept };
  });
  return { pages: updated, isUnsure: unknown.length > added.length };
}

function takes({ status, agent, session }: RunFilter, run: RunBody): boolean {
  return (
    (status === undefined || run.status === status) &&
    (agent === undefined || run.agent === agent) &&
    (session === undefined || run.session === session)
  );
}

function newestFirst(runs: readonly RunBody[]): RunBody[] {
  return runs.toSorted((left, right) => (left.started_at < right.started_at ? 1 : -1));
}
