export { ExportChain, ExportCheck, type ExportVerdict, type Sha256Hex } from './export-chain.ts';
export { DIALECT_NAMES, isDialectName, type DialectName } from './dialect-names.ts';
export {
  CANONICAL_EVENT_TYPES,
  isCanonicalEventType,
  type CanonicalEventType,
  type ErrorFacts,
  type EventData,
  type Usage,
} from './event-types.ts';
export { isLevel, LEVELS, type CanonicalEvent, type Level, type RecordedEvent, type RunEvent } from './event.ts';
export { foldRun } from './fold-run.ts';
export { ID_EXPECTED, isId, MAX_ID_BYTES } from './ids.ts';
export {
  elementTexts,
  isJsonObject,
  MAX_JSON_DEPTH,
  memberText,
  oneLine,
  parseJson,
  type JsonObject,
  type JsonValue,
  type ParsedJson,
} from './json-text.ts';
export { formatPosition, parsePosition, type Position } from './position.ts';
export { describeFound, type FieldProblem } from './problem.ts';
export { runBody, type RunBody } from './run-body.ts';
export { BEFORE_THE_START, endingAfter, endingOf, IN_THE_MIDDLE, type RunEnding } from './run-ending.ts';
export {
  isOver,
  RUN_STATUSES,
  total,
  type RunState,
  type RunStatus,
  type StatusReason,
  type Tally,
} from './run-state.ts';
export type { RecordedLink, SessionLink } from './session-link.ts';
export { decodeToken, encodeToken } from './subject-token.ts';
export {
  isTimestamp,
  parseTimestamp,
  timestampFromMs,
  timestampFromUnixSeconds,
  TIMESTAMP_EXPECTED,
  timestampToMs,
  type Timestamp,
} from './timestamps.ts';
export { MAX_COST_USD, NO_USAGE } from './usage.ts';
