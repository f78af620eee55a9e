import type { RunBody, RunStatus } from '@runcast/run-events';

/** What the realtime gateway answers (docs/api.md). */

export type { RunBody, RunStatus };

export interface RunPage {
  readonly runs: readonly RunBody[];
  readonly next_page_key?: string;
}

export interface SessionBody {
  readonly id: string;
  readonly agent?: string;
  readonly run_count: number;
  readonly event_count: number;
  readonly first_event_at?: string;
  readonly last_event_at?: string;
  readonly position: string;
  readonly runs?: readonly RunBody[];
}

export interface SessionPage {
  readonly sessions: readonly SessionBody[];
  readonly next_page_key?: string;
}

/** Problem details, as every refusal has them. */
export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly { readonly field: string; readonly expected: string }[];
  readonly request_id: string;
}

/** What a run asked people last. */
export interface InputBody {
  readonly waiting: boolean;
  readonly question?: {
    readonly position: string;
    readonly asked_at: string;
    readonly question: string;
    readonly context?: unknown;
    readonly expires_at?: string;
  };
  readonly answer?: { readonly response: unknown; readonly responded_by?: string; readonly answered_at: string };
}

export interface RunCountsBody {
  readonly bucket_ms: number;
  readonly is_cut: boolean;
  readonly buckets: readonly ({ readonly from: string } & { readonly [S in RunStatus]?: number })[];
}

export interface AgentsBody {
  readonly agents: readonly {
    readonly id: string;
    readonly run_count: number;
    readonly by_status: Readonly<Record<RunStatus, number>>;
    readonly total_tokens: number;
    readonly cost_usd: number;
    readonly median_duration_ms?: number;
    readonly last_event_at: string;
  }[];
  readonly next_after?: string;
}
