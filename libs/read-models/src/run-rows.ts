import type {
  ErrorFacts,
  JsonObject,
  JsonValue,
  RunState,
  RunStatus,
  StatusReason,
  Timestamp,
  Usage,
} from '@runcast/run-events';
import { bulkInsert, bulkUpdate, columnNames, statement, type Column, type Statement } from './columns.ts';
import type { Connection } from './database.ts';
import type { ExpiryDay } from './expiry.ts';
import { storableJson, storableText } from './storable-text.ts';

/** What a batch made of a run. */
export interface RunChange {
  /** As the table has it; absent for a run that is not in the table. */
  readonly before: RunState | undefined;
  readonly after: RunState;
  readonly shard: number;
  readonly expiresOn: ExpiryDay;
  /** When the log stored the run's newest event. The log's clock: senders' clocks say nothing about silence. */
  readonly lastActivityAt: Timestamp;
}

export const RUN_COLUMNS: readonly Column<RunChange>[] = [
  { name: 'tenant', type: 'text', value: ({ after }) => after.tenant },
  { name: 'run', type: 'text', value: ({ after }) => after.run },
  { name: 'status', type: 'text', value: ({ after }) => after.status },
  { name: 'status_reason', type: 'text', nullable: true, value: ({ after }) => after.statusReason ?? null },
  { name: 'attempt', type: 'integer', value: ({ after }) => after.attempt },
  { name: 'start_seen', type: 'boolean', value: ({ after }) => after.startSeen },
  { name: 'agent', type: 'text', nullable: true, value: ({ after }) => after.agent ?? null },
  { name: 'flow', type: 'text', nullable: true, value: ({ after }) => after.flow ?? null },
  { name: 'session', type: 'text', nullable: true, value: ({ after }) => after.session ?? null },
  { name: 'framework', type: 'text', nullable: true, value: ({ after }) => text(after.framework) },
  { name: 'model', type: 'text', nullable: true, value: ({ after }) => text(after.model) },
  { name: 'started_at', type: 'timestamp with time zone', value: ({ after }) => after.startedAt },
  { name: 'ended_at', type: 'timestamp with time zone', nullable: true, value: ({ after }) => after.endedAt ?? null },
  { name: 'last_event_at', type: 'timestamp with time zone', value: ({ after }) => after.lastEventAt },
  { name: 'last_activity_at', type: 'timestamp with time zone', value: ({ lastActivityAt }) => lastActivityAt },
  { name: 'event_count', type: 'integer', value: ({ after }) => after.eventCount },
  { name: 'steps_started', type: 'integer', value: ({ after }) => after.steps.started },
  { name: 'steps_ended', type: 'integer', value: ({ after }) => after.steps.ended },
  { name: 'tool_calls_started', type: 'integer', value: ({ after }) => after.toolCalls.started },
  { name: 'tool_calls_ended', type: 'integer', value: ({ after }) => after.toolCalls.ended },
  { name: 'llm_calls_started', type: 'integer', value: ({ after }) => after.llmCalls.started },
  { name: 'llm_calls_ended', type: 'integer', value: ({ after }) => after.llmCalls.ended },
  { name: 'error_count', type: 'integer', value: ({ after }) => after.errorCount },
  { name: 'input_tokens', type: 'bigint', value: ({ after }) => after.usage.inputTokens },
  { name: 'output_tokens', type: 'bigint', value: ({ after }) => after.usage.outputTokens },
  { name: 'total_tokens', type: 'bigint', value: ({ after }) => after.usage.totalTokens },
  { name: 'cost_usd', type: 'double precision', value: ({ after }) => after.usage.costUsd },
  { name: 'usage_before', type: 'jsonb', value: ({ after }) => storableJson(after.usageBefore) },
  { name: 'usage_reported', type: 'boolean', value: ({ after }) => after.usageReported },
  { name: 'input', type: 'jsonb', nullable: true, value: payload((run) => run.input) },
  { name: 'output', type: 'jsonb', nullable: true, value: payload((run) => run.output) },
  { name: 'error', type: 'jsonb', nullable: true, value: payload((run) => run.error) },
  { name: 'question', type: 'text', nullable: true, value: ({ after }) => text(after.question) },
  { name: 'shard', type: 'integer', value: ({ shard }) => shard },
  { name: 'first_sequence', type: 'bigint', value: ({ after }) => after.firstSequence },
  { name: 'last_sequence', type: 'bigint', value: ({ after }) => after.lastSequence },
  // Set once, from the tenant's retention: see docs/decisions/0011-retention.md. Only whoever moves the run's events may change it.
  { name: 'expires_on', type: 'date', value: ({ expiresOn }) => expiresOn },
];

/** May be megabytes: written only when they changed, so that one large input is not rewritten with every batch. */
const PAYLOADS: ReadonlySet<string> = new Set(['input', 'output', 'error']);
const KEPT = null;
const CLEARED = 'null';

function payload(pick: (run: RunState) => JsonValue | ErrorFacts | undefined) {
  return ({ before, after }: RunChange): string | null => {
    const value = pick(after);
    if (before && pick(before) === value) return KEPT;
    const json = storableJson(value ?? null);
    return json === 'null' && !before ? null : json;
  };
}

function text(value: string | undefined): string | null {
  return value === undefined ? null : storableText(value);
}

/** What nearly every batch changes. Most changes of a run touch nothing else, and half the columns cost half the time. */
const BUSY: ReadonlySet<string> = new Set([
  'last_event_at',
  'last_activity_at',
  'event_count',
  'steps_started',
  'steps_ended',
  'tool_calls_started',
  'tool_calls_ended',
  'llm_calls_started',
  'llm_calls_ended',
  'error_count',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'cost_usd',
  'last_sequence',
]);
const KEY = ['tenant', 'run'];
const UPDATED_COLUMNS = RUN_COLUMNS.filter(({ name }) => name !== 'expires_on');
const BUSY_COLUMNS = RUN_COLUMNS.filter(({ name }) => KEY.includes(name) || BUSY.has(name));

const INSERT_RUNS = bulkInsert('run', RUN_COLUMNS, '');
const UPDATE_BUSY = bulkUpdate('run', BUSY_COLUMNS, KEY);
const UPDATE_RUNS = bulkUpdate('run', UPDATED_COLUMNS, KEY, (name) =>
  PAYLOADS.has(name) ? `nullif(coalesce(changed.${name}, run.${name}), '${CLEARED}'::jsonb)` : `changed.${name}`,
);

/** What writes each of these runs once. */
export function runStatements(changes: readonly RunChange[]): Statement[] {
  const { added = [], busy = [], known = [] } = Object.groupBy(changes, kindOf);
  return [
    ...statement('insert-runs', INSERT_RUNS, RUN_COLUMNS, added),
    ...statement('update-runs', UPDATE_RUNS, UPDATED_COLUMNS, known),
    ...statement('update-busy-runs', UPDATE_BUSY, BUSY_COLUMNS, busy),
  ];
}

function kindOf({ before, after }: RunChange): 'added' | 'busy' | 'known' {
  if (!before) return 'added';
  return Object.keys({ ...before, ...after }).some(
    (name) => !BUSY_FIELDS.has(name) && before[name as keyof RunState] !== after[name as keyof RunState],
  )
    ? 'known'
    : 'busy';
}

/** The fields behind the busy columns; a field that is new in the contract is not among them, so it is written. */
const BUSY_FIELDS: ReadonlySet<string> = new Set<keyof RunState>([
  'lastEventAt',
  'eventCount',
  'steps',
  'toolCalls',
  'llmCalls',
  'errorCount',
  'usage',
  'lastSequence',
]);

export interface RunKey {
  readonly tenant: string;
  readonly run: string;
}

const LOAD_RUNS = `SELECT ${columnNames(RUN_COLUMNS)} FROM run
  WHERE (tenant, run) IN (SELECT * FROM unnest($1::text[], $2::text[]))`;

/** A run as its table has it. */
export interface StoredRun {
  readonly state: RunState;
  readonly expiresOn: ExpiryDay;
}

/** The runs of these that the table has. */
export async function loadRuns(connection: Connection, keys: readonly RunKey[]): Promise<StoredRun[]> {
  if (keys.length === 0) return [];
  const values = [keys.map(({ tenant }) => tenant), keys.map(({ run }) => run)];
  const { rows } = await connection.query<RunRow & { expires_on: ExpiryDay }>(LOAD_RUNS, values);
  return rows.map((row) => ({ state: runFromRow(row), expiresOn: row.expires_on }));
}

export interface RunSummaryRow {
  tenant: string;
  run: string;
  status: RunStatus;
  status_reason: StatusReason | null;
  attempt: number;
  start_seen: boolean;
  agent: string | null;
  flow: string | null;
  session: string | null;
  framework: string | null;
  model: string | null;
  started_at: string;
  ended_at: string | null;
  last_event_at: string;
  event_count: number;
  steps_started: number;
  steps_ended: number;
  tool_calls_started: number;
  tool_calls_ended: number;
  llm_calls_started: number;
  llm_calls_ended: number;
  error_count: number;
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  cost_usd: number;
  usage_before: JsonObject & Required<Usage>;
  usage_reported: boolean;
  error: (JsonObject & ErrorFacts) | null;
  question: string | null;
  first_sequence: number;
  last_sequence: number;
}

export interface RunRow extends RunSummaryRow {
  input: JsonValue;
  output: JsonValue;
}

/** A run without what it was given and what it gave back, which may be megabytes each: what a list shows. */
export type RunSummary = Omit<RunState, 'input' | 'output'>;

export const RUN_SUMMARY_COLUMNS = RUN_COLUMNS.filter(({ name }) => name !== 'input' && name !== 'output');

export function runFromRow(row: RunRow): RunState {
  return { ...runSummaryFromRow(row), input: row.input ?? undefined, output: row.output ?? undefined };
}

export function runSummaryFromRow(row: RunSummaryRow): RunSummary {
  return {
    tenant: row.tenant,
    run: row.run,
    status: row.status,
    statusReason: row.status_reason ?? undefined,
    attempt: row.attempt,
    startSeen: row.start_seen,
    agent: row.agent ?? undefined,
    flow: row.flow ?? undefined,
    session: row.session ?? undefined,
    framework: row.framework ?? undefined,
    model: row.model ?? undefined,
    startedAt: row.started_at,
    endedAt: row.ended_at ?? undefined,
    lastEventAt: row.last_event_at,
    eventCount: row.event_count,
    steps: { started: row.steps_started, ended: row.steps_ended },
    toolCalls: { started: row.tool_calls_started, ended: row.tool_calls_ended },
    llmCalls: { started: row.llm_calls_started, ended: row.llm_calls_ended },
    errorCount: row.error_count,
    usage: {
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      totalTokens: row.total_tokens,
      costUsd: row.cost_usd,
    },
    usageBefore: row.usage_before,
    usageReported: row.usage_reported,
    error: row.error ?? undefined,
    question: row.question ?? undefined,
    firstSequence: row.first_sequence,
    lastSequence: row.last_sequence,
  };
}
