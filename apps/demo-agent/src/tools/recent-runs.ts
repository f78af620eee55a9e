export interface RunListSource {
  readonly realtimeUrl: string;
  readonly apiKey: string;
  readonly fetch: typeof fetch;
}

const TIMEOUT_MS = 2_000;

/** How Runcast's newest runs went, in one sentence. Says so where the list cannot be had: that is an answer, too. */
export async function describeRecentRuns(source: RunListSource, limit: number): Promise<string> {
  try {
    const response = await source.fetch(`${source.realtimeUrl}/v1/runs?limit=${limit}`, {
      headers: { authorization: `Bearer ${source.apiKey}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return `The run list is not available (${response.status}).`;
    return describe(statusesIn(await response.json()));
  } catch (error) {
    return `The run list is not available (${String(error)}).`;
  }
}

function statusesIn(body: unknown): string[] {
  const lists = Object.values((body ?? {}) as Record<string, unknown>).filter(Array.isArray);
  const runs = (lists[0] ?? []) as { status?: unknown }[];
  return runs.map(({ status }) => (typeof status === 'string' ? status : 'unknown'));
}

function describe(statuses: readonly string[]): string {
  if (statuses.length === 0) return 'There are no runs yet.';
  const counts = Object.entries(Object.groupBy(statuses, (status) => status));
  const parts = counts.map(([status, group]) => `${group?.length} ${status}`);
  return `Of the newest ${statuses.length} runs: ${parts.join(', ')}.`;
}
