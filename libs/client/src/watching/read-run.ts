import type { RunBody } from '@runcast/run-events';
import { WatchError } from './errors.ts';
import type { FeedConnection } from './open-feed.ts';

/** A run as `GET /v1/runs/:run` answers it: the fold of all its events up to `position`. */
export type RunSnapshot = RunBody;

/**
 * The state of a run; `undefined` when nobody has heard of it yet. Needs a key: a ticket opens feeds only.
 *
 * @throws {WatchError} when the gateway refuses. @throws the fetch's own error when it cannot be reached.
 */
export async function readRun(
  connection: FeedConnection,
  run: string,
  signal?: AbortSignal,
): Promise<RunSnapshot | undefined> {
  const headers = connection.apiKey === undefined ? {} : { authorization: `Bearer ${connection.apiKey}` };
  const call = connection.fetch ?? globalThis.fetch;
  const url = `${connection.url.replace(/\/+$/, '')}/v1/runs/${encodeURIComponent(run)}`;
  const response = await call(url, { headers, cache: 'no-store', ...(signal && { signal }) });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new WatchError('refused', (await response.text()).slice(0, 500), response.status);
  return (await response.json()) as RunSnapshot;
}
