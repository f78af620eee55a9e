import { useInfiniteQuery } from '@tanstack/react-query';
import { useAccess } from '../access/access.tsx';
import type { RunBody, RunPage } from '../api/types.ts';
import { runListPath, type RunFilter } from './run-filter.ts';

const PAGE = 60;

/** The runs of a filter, newest first, page by page. */
export function useRunList(filter: RunFilter) {
  const { api } = useAccess();
  const query = useInfiniteQuery({
    queryKey: ['runs', filter],
    queryFn: ({ pageParam, signal }) => api.json<RunPage>(runListPath(filter, pageParam, PAGE), { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_key,
    // Kept true by what the page is told of changes; this is for what it was not told.
    refetchInterval: 20_000,
  });
  const runs: readonly RunBody[] = query.data?.pages.flatMap((page) => page.runs) ?? [];
  return { query, runs };
}
