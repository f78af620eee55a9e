import type { RunStatus } from '../api/types.ts';

export const STATUSES: readonly RunStatus[] = ['running', 'waiting_for_input', 'success', 'error'];

/** What the run list is narrowed down to: the query of its address, so that a filtered list can be sent to somebody. */
export interface RunFilter {
  readonly status?: RunStatus;
  readonly agent?: string;
  readonly session?: string;
  readonly q?: string;
}

/** Takes from an address what is a filter, and leaves the rest. */
export function readRunFilter(search: Readonly<Record<string, unknown>>): RunFilter {
  const status = STATUSES.find((known) => known === search['status']);
  const texts = ['agent', 'session', 'q'] as const;
  const given = texts.flatMap((name) => {
    // The router reads `q=42` as a number.
    const value = search[name];
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
    return text === '' ? [] : [[name, text] as const];
  });
  return { ...(status && { status }), ...Object.fromEntries(given) };
}

/** The filter as `GET /v1/runs` takes it. */
export function runListPath(filter: RunFilter, pageKey: string | undefined, limit: number): string {
  const query = new URLSearchParams({ ...filter, limit: String(limit), ...(pageKey && { page_key: pageKey }) });
  return `/v1/runs?${query}`;
}
