import type { ErrorFacts, Usage } from './event-types.ts';
import type { JsonValue } from './json-text.ts';
import type { Timestamp } from './timestamps.ts';

export const RUN_STATUSES = ['running', 'waiting_for_input', 'success', 'error'] as const;
/** The whole public set (agent-os). Finer reasons live in {@link RunState.statusReason}. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Why a run is in `error` when its agent did not report a failure itself. */
export type StatusReason = 'cancelled' | 'stale';

/** How many of something began and how many ended: some wire formats report only one of the two. */
export interface Tally {
  readonly started: number;
  readonly ended: number;
}

/** What is known of a run after a prefix of its events. See foldRun. */
export interface RunState {
  readonly tenant: string;
  readonly run: string;
  readonly status: RunStatus;
  readonly statusReason?: StatusReason | undefined;
  /** From 1. A run.started after this attempt has started or ended begins the next. */
  readonly attempt: number;
  /** Whether this attempt's run.started has been seen: other events may arrive before it. */
  readonly startSeen: boolean;
  readonly agent?: string | undefined;
  readonly flow?: string | undefined;
  /** The first session the run was linked to. */
  readonly session?: string | undefined;
  readonly framework?: string | undefined;
  readonly model?: string | undefined;
  /** Of this attempt: the occurred_at of its run.started, or of its first event until that is seen. */
  readonly startedAt: Timestamp;
  /** Of this attempt; absent while it is not over. */
  readonly endedAt?: Timestamp | undefined;
  /** The latest occurred_at of any event. */
  readonly lastEventAt: Timestamp;
  /** Every stored event, late ones included. */
  readonly eventCount: number;
  readonly steps: Tally;
  readonly toolCalls: Tally;
  readonly llmCalls: Tally;
  /** Failed steps, tool calls and model calls, and the failures of the run itself, over all attempts. */
  readonly errorCount: number;
  /** Over all attempts. Within one, the total that the run reports of itself replaces the sum of its model calls. */
  readonly usage: Required<Usage>;
  /** {@link usage} as it stood when this attempt began. */
  readonly usageBefore: Required<Usage>;
  /** Whether this attempt has reported its own total. */
  readonly usageReported: boolean;
  readonly input?: JsonValue | undefined;
  readonly output?: JsonValue | undefined;
  readonly error?: ErrorFacts | undefined;
  /** The open question while the run waits for input. */
  readonly question?: string | undefined;
  /** Stream sequences of the first and the newest event folded. */
  readonly firstSequence: number;
  readonly lastSequence: number;
}

export function isOver(status: RunStatus): boolean {
  return status === 'success' || status === 'error';
}

/** How many there were, as far as can be known: never fewer than began, never fewer than ended. */
export function total(tally: Tally): number {
  return Math.max(tally.started, tally.ended);
}
