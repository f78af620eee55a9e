export { ApiKeys, type ApiKey } from './api-keys.ts';
export { anchorOf } from './anchor.ts';
export { claimProjection, projectedPosition, type ClaimOutcome, type ClaimRequest } from './claim-projection.ts';
export { openDatabase, type Database, type DatabaseOptions } from './database.ts';
export { countDeadLetters } from './dead-letters.ts';
export { BatchOutOfOrderError, CommitRefusedError, ForeignEpochError } from './errors.ts';
export { failureOf, type Failure } from './failures.ts';
export { KeyRing, type KeyHolder, type KeyRingOptions } from './key-ring.ts';
export { positionOf, type LogEntry } from './log-entry.ts';
export { migrate } from './migrate.ts';
export type { Claim, Projection } from './projection.ts';
export {
  getRun,
  listAgents,
  listRunEvents,
  listRuns,
  type EventFilter,
  type Page,
  type RunFilter,
} from './run-queries.ts';
export type { RunSummary } from './run-rows.ts';
export {
  countSessionEvents,
  getSession,
  listSessionEvents,
  listSessions,
  MAX_SESSION_RUNS,
  type SessionEventFilter,
  type SessionFilter,
  type SessionKey,
} from './session-queries.ts';
export { foldSession, type SessionFact, type SessionState } from './session-state.ts';
