export { ApiKeys, type ApiKey, type ByWhom, type CreatedKey, type NewKey } from './api-keys.ts';
export { listAgentSummaries, type AgentSummary } from './agent-summaries.ts';
export { anchorOf } from './anchor.ts';
export {
  claimProjection,
  projectedPosition,
  seizeProjection,
  type ClaimOutcome,
  type ClaimRequest,
} from './claim-projection.ts';
export { openDatabase, type Database, type DatabaseOptions } from './database.ts';
export { countDeadLetters } from './dead-letters.ts';
export {
  BatchOutOfOrderError,
  CommitRefusedError,
  DatabaseNotEmptyError,
  ForeignEpochError,
  ReaderRoleError,
  RebuildUnderWayError,
  UnknownMigrationError,
} from './errors.ts';
export { appendAct, brokenAt, listActs, recordAct, type Act, type RecordedAct } from './erasure/audit-log.ts';
export { compactTables } from './erasure/compact-tables.ts';
export { ErasedRunWatch, type ErasedRunWatchOptions } from './erasure/erased-run-watch.ts';
export { digestOf } from './erasure/erased-runs.ts';
export {
  completeErasure,
  ERASURE_KINDS,
  getErasure,
  pendingErasures,
  requestErasure,
  resolveTargets,
  sessionsOf,
  type Erasure,
  type ErasureKind,
  type ErasureRequest,
  type PendingErasure,
  type RequestOutcome,
} from './erasure/erasures.ts';
export { applyErasureNotes, listErasureNotes, type ErasureNote } from './erasure/erasure-notes.ts';
export { heldRuns, liftHold, listHolds, placeHold, type Held, type LegalHold } from './erasure/legal-holds.ts';
export { countRows, eraseFromTables, moveRuns, removeExpired, type RowCounts } from './erasure/remove-runs.ts';
export { dropDuePartitions, listDueRuns, type DueRun } from './expired-runs.ts';
export { expiryDay, NEVER, type ExpiryDay } from './expiry.ts';
export { failureOf, type Failure } from './failures.ts';
export { findIdleRuns, limitAgent, type IdleLimits, type IdleQuery, type IdleRun, type Silence } from './idle-runs.ts';
export { KeyRing, type KeyHolder, type KeyRingOptions } from './key-ring.ts';
export { positionOf, type LogEntry } from './log-entry.ts';
export { migrate, migrationNames, type MigrateOptions } from './migrate.ts';
export { getNewestQuestion, type NewestQuestion } from './newest-question.ts';
export { listProjectionStandings, type ProjectionStanding } from './projection-standings.ts';
export type { Claim, Projection } from './projection.ts';
export { announceProjector, withdrawProjector } from './projector-presence.ts';
export { isSame, type TableDifference } from './rebuild/compare-tables.ts';
export { ShadowTables } from './rebuild/shadow-tables.ts';
export type { SwapOutcome, TableChange } from './rebuild/swap-tables.ts';
export {
  getRun,
  listAgents,
  listNamedRuns,
  listRunEvents,
  listRuns,
  type EventFilter,
  type Page,
  type RunFilter,
} from './run-queries.ts';
export {
  clearRetention,
  listRetention,
  loadRetention,
  MAX_RETENTION_DAYS,
  setRetention,
  type RetentionRule,
} from './retention-rules.ts';
export { countRuns, type RunCounts, type RunCountsRequest } from './run-counts.ts';
export type { RunSummary } from './run-rows.ts';
export { TenantRedactors, type TenantRedactorsOptions } from './tenant-redactors.ts';
export { forgetIdleBudgets, leaseBudget, type BudgetRequest } from './rate-budgets.ts';
export { readRedactionRules, writeRedactionRules, type StoredRules } from './redaction-rules.ts';
export { searchRuns, type RunSearch } from './search-runs.ts';
export { getSessionEvent } from './session-event.ts';
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
export { findStoredEvents, type EventKey, type StoredEvent } from './stored-events.ts';
export { listJoinedRuns, type JoinedRun } from './session-links.ts';
export { copyTablesIn, copyTablesOut, type Partition, type TableCopy, type TablesCopy } from './table-copy.ts';
export { Tickets, type IssueOutcome, type RedeemedTicket, type TicketFacts, type TicketKind } from './tickets.ts';
