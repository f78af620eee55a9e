import type { ErrorFacts, JsonValue, RunStatus, StatusReason } from '@runcast/run-events';
import { WatchError } from './errors.ts';
import type { FeedConnection } from './open-feed.ts';

/** A run as `GET /v1/runs/:run` answers it: the fold of all its events up to `position`. */
export interface RunSnapshot {
  readonly id: string;
  readonly status: RunStatus;
  readonly status_reason?: StatusReason;
  readonly attempt: number;
  readonly agent?: string;
  readonly flow?: string;
  readonly session?: string;
  readonly framework?: string;
  readonly model?: string;
  readonly started_at: string;
  readonly ended_at?: string;
  readonly duration_ms?: number;
  readonly last_event_at: string;
  readonly event_count: number;
  readonly step_count: number;
  readonly tool_call_count: number;
  readonly llm_call_count: number;
  readonly error_count: number;
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly total_tokens: number;
    readonly cost_usd: number;
  };
  readonly question?: string;
  readonly error?: ErrorFacts;
  readonly input?: JsonValue;
  readonly output?: JsonValue;
  /** Of the newest event that is in it. */
  readonly position: string;
}

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
