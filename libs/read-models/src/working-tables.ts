import type { RecordedEvent, RecordedLink, RunState } from '@runcast/run-events';
import type { Connection } from './database.ts';
import { insertEvents, type PlacedEvent } from './event-rows.ts';
import { placeEvents } from './event-partitions.ts';
import { expiryDay, type ExpiryDay } from './expiry.ts';
import { eraseAgain, findErased } from './erasure/erased-runs.ts';
import { foldBatch, keyOf, type KnownRun, type WorkingSet } from './fold-batch.ts';
import { insertLinks, loadLinks } from './link-rows.ts';
import type { LogEntry } from './log-entry.ts';
import { RecentlyUsed } from './recently-used.ts';
import { loadRetention } from './retention-rules.ts';
import { loadRuns, writeRuns, type RunChange, type RunKey } from './run-rows.ts';
import { loadSessions, upsertSessions, type SessionKey } from './session-rows.ts';
import type { SessionState } from './session-state.ts';

/** Bounds of what stays in memory between batches, in characters of JSON (runs) and in sessions. */
const MAX_RUN_CHARACTERS = 64_000_000;
const MAX_SESSIONS = 20_000;
/** A run's row without its payloads weighs about this. */
const ROW_CHARACTERS = 1_000;

/**
 * The tables event, session_run, run and session under one writer, with the rows that were touched lately kept in
 * memory: a run that keeps talking is read from Postgres once.
 *
 * What is kept is right only as long as every transaction commits and nobody else writes: {@link forget} after a
 * failure, and after having been fenced out.
 */
export class WorkingTables {
  readonly #runs = new RecentlyUsed<KnownRun>(MAX_RUN_CHARACTERS);
  readonly #sessions = new RecentlyUsed<SessionState>(MAX_SESSIONS);
  readonly #partitions = new Set<ExpiryDay>();

  constructor(private readonly shard: number) {}

  forget(): void {
    this.#runs.clear();
    this.#sessions.clear();
    this.#partitions.clear();
  }

  /** Writes the entries' effect inside the caller's transaction. */
  async apply(connection: Connection, delivered: readonly LogEntry[]): Promise<void> {
    const entries = await this.#withoutErased(connection, delivered);
    const events = entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event] : []));
    const links = entries.flatMap((entry) => (entry.kind === 'link' ? [entry.link] : []));
    const newLinks = await insertLinks(connection, links);
    const runKeys = unique([...links, ...events], (record) => keyOf(record.tenant, record.run));
    const runs = await this.#touchRuns(connection, runKeys);
    const newEvents = await insertEvents(connection, await this.#place(connection, runs, events));
    const sessions = await this.#touchSessions(connection, runs, keep(links, newLinks), keep(events, newEvents));
    const touched = { runs, sessions };
    const before = new Map([...touched.runs].map(([key, { state }]) => [key, state]));
    foldBatch(touched, entries, new Set([...newLinks, ...newEvents]));
    await writeRuns(connection, this.#changes(before, touched));
    const states = [...touched.sessions.values()].filter(isDefined);
    await upsertSessions(
      connection,
      states.map((session) => ({ ...session, shard: this.shard })),
    );
    this.#remember(touched);
  }

  /** What comes of an erased run, from a sender that tries again, is left out and erased from the log once more. */
  async #withoutErased(connection: Connection, entries: readonly LogEntry[]): Promise<readonly LogEntry[]> {
    const keys = unique(entries.flatMap(recordOf), ({ tenant, run }) => keyOf(tenant, run));
    const unknown = [...keys].flatMap(([key, run]) => (this.#runs.get(key) ? [] : [run]));
    const erased = await findErased(connection, unknown);
    if (erased.length === 0) return entries;
    await eraseAgain(connection, this.shard, erased);
    const gone = new Set(erased.map(({ tenant, run }) => keyOf(tenant, run)));
    return entries.filter((entry) => recordOf(entry).every(({ tenant, run }) => !gone.has(keyOf(tenant, run))));
  }

  /** Gives every run that speaks for the first time its day, and every event its run's. */
  async #place(
    connection: Connection,
    runs: ReadonlyMap<string, KnownRun>,
    events: readonly RecordedEvent[],
  ): Promise<PlacedEvent[]> {
    const fresh = events.filter(({ tenant, run }) => !runs.get(keyOf(tenant, run))!.expiresOn);
    if (fresh.length > 0) {
      const daysOf = await loadRetention(connection, [...new Set(fresh.map(({ tenant }) => tenant))]);
      for (const { tenant, run, receivedAt } of fresh) {
        runs.get(keyOf(tenant, run))!.expiresOn ??= expiryDay(receivedAt, daysOf(tenant));
      }
    }
    const placed = events.map((event) => ({ event, expiresOn: runs.get(keyOf(event.tenant, event.run))!.expiresOn! }));
    await this.#makePartitions(connection, new Set(placed.map(({ expiresOn }) => expiresOn)));
    return placed;
  }

  async #makePartitions(connection: Connection, days: ReadonlySet<ExpiryDay>): Promise<void> {
    const unknown = [...days].filter((day) => !this.#partitions.has(day));
    await placeEvents(connection, unknown);
    for (const day of unknown) this.#partitions.add(day);
  }

  /** The runs that are spoken of, from memory where they are known, else from the tables. */
  async #touchRuns(connection: Connection, keys: Map<string, RunKey>): Promise<Map<string, KnownRun>> {
    const unknown = [...keys].flatMap(([key, run]) => (this.#runs.get(key) ? [] : [run]));
    const runs = new Map([...keys.keys()].map((key) => [key, this.#runs.get(key) ?? newRun()]));
    for (const { state, expiresOn } of await loadRuns(connection, unknown)) {
      Object.assign(runs.get(keyOf(state.tenant, state.run))!, { state, expiresOn });
    }
    for (const link of await loadLinks(connection, unknown)) {
      runs.get(keyOf(link.tenant, link.run))!.sessions.set(link.session, link.linked_sequence);
    }
    return runs;
  }

  /** The sessions that these new records change. */
  async #touchSessions(
    connection: Connection,
    runs: ReadonlyMap<string, KnownRun>,
    links: readonly RecordedLink[],
    events: readonly RecordedEvent[],
  ): Promise<WorkingSet['sessions']> {
    const joined = events.flatMap(({ tenant, run }) =>
      [...runs.get(keyOf(tenant, run))!.sessions.keys()].map((session) => ({ tenant, session })),
    );
    const keys = unique<SessionKey>([...links, ...joined], (record) => keyOf(record.tenant, record.session));
    const unknown = [...keys].flatMap(([key, session]) => (this.#sessions.get(key) ? [] : [session]));
    const sessions = new Map([...keys.keys()].map((key) => [key, this.#sessions.get(key)]));
    for (const state of await loadSessions(connection, unknown))
      sessions.set(keyOf(state.tenant, state.session), state);
    return sessions;
  }

  #changes(before: ReadonlyMap<string, RunState | undefined>, { runs }: WorkingSet): RunChange[] {
    return [...runs].flatMap(([key, { state, expiresOn, lastActivityAt }]) => {
      if (!state || !expiresOn || !lastActivityAt || state === before.get(key)) return [];
      return [{ before: before.get(key), after: state, shard: this.shard, expiresOn, lastActivityAt }];
    });
  }

  #remember(touched: WorkingSet): void {
    for (const [key, known] of touched.runs) this.#runs.put(key, known, charactersOf(known.state));
    for (const [key, state] of touched.sessions) if (state) this.#sessions.put(key, state, 1);
  }
}

function recordOf(entry: LogEntry): RunKey[] {
  if (entry.kind === 'unreadable') return [];
  const { tenant, run } = entry.kind === 'event' ? entry.event : entry.link;
  return [{ tenant, run }];
}

function newRun(): KnownRun {
  return { state: undefined, sessions: new Map() };
}

/** Those records that were not in the tables before. */
function keep<Recorded extends RecordedEvent | RecordedLink>(records: Recorded[], fresh: Set<number>): Recorded[] {
  return records.filter(({ position }) => fresh.has(position.sequence));
}

function unique<Item>(items: Item[], key: (item: Item) => string): Map<string, Item> {
  return new Map(items.map((item) => [key(item), item]));
}

function charactersOf(state: RunState | undefined): number {
  return ROW_CHARACTERS + length(state?.input) + length(state?.output) + length(state?.error);
}

/** Payloads are never changed in place, so each is measured once however many batches carry it along. */
const lengths = new WeakMap<object, number>();

function length(payload: unknown): number {
  if (typeof payload === 'string') return payload.length;
  if (typeof payload !== 'object' || payload === null) return 0;
  const known = lengths.get(payload) ?? JSON.stringify(payload).length;
  lengths.set(payload, known);
  return known;
}

function isDefined<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
