/** What the realtime gateway answers (docs/api.md). */

export type RunStatus = 'running' | 'waiting_for_input' | 'success' | 'error';

export interface UsageBody {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
  readonly cost_usd: number;
}

export interface ErrorBody {
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
}

/** A row of the run list. */
export interface RunBody {
  readonly id: string;
  readonly status: RunStatus;
  readonly status_reason?: 'cancelled' | 'stale';
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
  readonly usage: UsageBody;
  readonly question?: string;
  readonly error?: ErrorBody;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly position: string;
}

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
