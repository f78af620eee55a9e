import { setImmediate } from 'node:timers/promises';
import type { RecordedEvent, RecordedLink, RunState } from '@runcast/run-events';
import type { Statement } from './columns.ts';
import { allAnswered, type Connection, type Database } from './database.ts';
import { copyEvents, eventText, insertEvents, type PlacedEvent } from './event-rows.ts';
import { placeEvents } from './event-partitions.ts';
import { eraseAgain, findErased } from './erasure/erased-runs.ts';
import { expiryDay, type ExpiryDay } from './expiry.ts';
import { foldBatch, keyOf, type KnownRun, type WorkingSet } from './fold-batch.ts';
import { linkStatements, loadLinks } from './link-rows.ts';
import type { LogEntry } from './log-entry.ts';
import { loadRetention } from './retention-rules.ts';
import { loadRuns, runStatements, type RunChange, type RunKey } from './run-rows.ts';
import { loadSessions, sessionStatements, type SessionKey } from './session-rows.ts';
import { WorkingMemory } from './working-memory.ts';

/** What a batch does to the tables, worked out and spelled before its transaction begins. */
export interface PreparedBatch {
  readonly generation: number;
  /** Rows of COPY, in parts. */
  readonly events: readonly Buffer[];
  readonly statements: readonly Statement[];
}

/** The rows that a batch stands on, and what else has to be known of its runs. */
interface Ground {
  readonly rows: WorkingSet;
  /** Runs of the batch that have been erased; they are not among the rows. */
  readonly erased: readonly RunKey[];
  readonly daysOf: (tenant: string) => number | null;
}

/**
 * The tables event, session_run, run and session under one writer, with the rows that were touched lately kept in
 * memory: a run that keeps talking is read from Postgres once.
 *
 * There are two ways for a batch into the tables. {@link prepare} works it out while the batch before it is still being
 * written, for the usual case that no event was delivered before; {@link apply} does everything inside the transaction
 * and is right in every case.
 */
export class WorkingTables {
  readonly #memory = new WorkingMemory();
  readonly #partitions = new Set<ExpiryDay>();

  constructor(private readonly shard: number) {}

  /** To be called after a failure, after having been fenced out, and when somebody else has changed rows. */
  forget(): void {
    this.#memory.forget();
    this.#partitions.clear();
  }

  /** Whether what was prepared still stands on rows that are, or will be, in the tables. */
  isCurrent(prepared: PreparedBatch): boolean {
    return prepared.generation === this.#memory.generation;
  }

  /**
   * Works a batch out as if none of its events had been delivered before. The batch before it must have been prepared, and
   * the one before that must be in the tables. Absent when it has to go the other way, whatever the reason is.
   */
  async prepare(database: Database, entries: readonly LogEntry[]): Promise<PreparedBatch | undefined> {
    const { generation } = this.#memory;
    try {
      const ground = await reading(database, (connection) => this.#ground(connection, entries));
      if (this.#memory.generation !== generation || ground.erased.length > 0) return undefined;
      const events = placeOn(ground, eventsOf(entries));
      if (this.#daysWithout(events).length > 0) return undefined;
      const statements = this.#fold(ground.rows, entries, () => true);
      return { generation, events: await spelledInTurns(events), statements };
    } catch {
      // What is wrong with it is found out in its transaction, where it can be told from an outage.
      if (this.#memory.generation === generation) this.forget();
      return undefined;
    }
  }

  /** Sends what writes a prepared batch inside the caller's transaction. A unique violation when an event was there already. */
  send(connection: Connection, { events, statements }: PreparedBatch): Promise<unknown>[] {
    return [copyEvents(connection, events), ...statements.map((each) => connection.query(each))];
  }

  /** Works a batch out and writes it inside the caller's transaction. Events that are there already change nothing. */
  async apply(connection: Connection, delivered: readonly LogEntry[]): Promise<void> {
    const ground = await this.#ground(connection, delivered);
    const entries = withoutErased(delivered, ground.erased);
    await eraseAgain(connection, this.shard, ground.erased);
    const events = placeOn(ground, eventsOf(entries));
    const days = this.#daysWithout(events);
    await placeEvents(connection, days);
    for (const day of days) this.#partitions.add(day);
    const added = await insertEvents(connection, events);
    const statements = this.#fold(ground.rows, entries, ({ position }) => added.has(position.sequence));
    await allAnswered(statements.map((each) => connection.query(each)));
  }

  /** The runs and sessions that are spoken of, from memory where they are known, else from the tables. */
  async #ground(connection: Connection, entries: readonly LogEntry[]): Promise<Ground> {
    const keys = unique(entries.flatMap(recordOf), ({ tenant, run }) => keyOf(tenant, run));
    const runs = new Map([...keys.keys()].map((key) => [key, this.#memory.run(key) ?? newRun()]));
    const unknown = [...keys].flatMap(([key, run]) => (this.#memory.run(key) ? [] : [run]));
    const [erased, stored, links, daysOf] = await allRead(
      findErased(connection, unknown),
      loadRuns(connection, unknown),
      loadLinks(connection, unknown),
      loadRetention(connection, tenantsWithoutDay(runs, keys)),
    );
    for (const { state, expiresOn } of stored) {
      Object.assign(runs.get(keyOf(state.tenant, state.run))!, { state, expiresOn });
    }
    for (const { tenant, run, session } of links) runs.get(keyOf(tenant, run))!.sessions.add(session);
    // Not kept in memory either: only a run that is not known is looked up among the erased.
    for (const { tenant, run } of erased) runs.delete(keyOf(tenant, run));
    const sessions = await this.#sessions(connection, runs, withoutErased(entries, erased));
    return { rows: { runs, sessions }, erased, daysOf };
  }

  /** The sessions that these entries may change. */
  async #sessions(
    connection: Connection,
    runs: ReadonlyMap<string, KnownRun>,
    entries: readonly LogEntry[],
  ): Promise<WorkingSet['sessions']> {
    const joined = entries.flatMap((entry) => sessionsOf(entry, runs));
    const keys = unique<SessionKey>(joined, ({ tenant, session }) => keyOf(tenant, session));
    const unknown = [...keys].flatMap(([key, session]) => (this.#memory.session(key) ? [] : [session]));
    const sessions = new Map([...keys.keys()].map((key) => [key, this.#memory.session(key)]));
    for (const state of await loadSessions(connection, unknown))
      sessions.set(keyOf(state.tenant, state.session), state);
    return sessions;
  }

  /** Folds the entries into the rows and keeps them; returns what writes those that have changed. Never waits. */
  #fold(rows: WorkingSet, entries: readonly LogEntry[], isNew: (event: RecordedEvent) => boolean): Statement[] {
    const runsBefore = new Map([...rows.runs].map(([key, { state }]) => [key, state]));
    const sessionsBefore = new Map(rows.sessions);
    const links = foldBatch(rows, entries, isNew);
    this.#memory.remember(rows);
    const sessions = [...rows.sessions].flatMap(([key, state]) =>
      state && state !== sessionsBefore.get(key) ? [{ ...state, shard: this.shard }] : [],
    );
    return [
      ...linkStatements(links),
      ...runStatements(this.#changes(runsBefore, rows)),
      ...sessionStatements(sessions),
    ];
  }

  #changes(before: ReadonlyMap<string, RunState | undefined>, { runs }: WorkingSet): RunChange[] {
    return [...runs].flatMap(([key, { state, expiresOn, lastActivityAt }]) => {
      if (!state || !expiresOn || !lastActivityAt || state === before.get(key)) return [];
      return [{ before: before.get(key), after: state, shard: this.shard, expiresOn, lastActivityAt }];
    });
  }

  /** Days of which it is not known that they have a partition. */
  #daysWithout(events: readonly PlacedEvent[]): ExpiryDay[] {
    const days = new Set(events.map(({ expiresOn }) => expiresOn));
    return [...days].filter((day) => !this.#partitions.has(day));
  }
}

/** How many events are spelled at a stretch: about a millisecond. */
const SPELLED_AT_A_STRETCH = 128;

/** Lets the event loop turn now and then: the transaction of the batch before waits for us between its round trips. */
async function spelledInTurns(events: readonly PlacedEvent[]): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  for (let from = 0; from < events.length; from += SPELLED_AT_A_STRETCH) {
    parts.push(eventText(events.slice(from, from + SPELLED_AT_A_STRETCH)));
    await setImmediate();
  }
  return parts;
}

/** Several answers of one connection, which were asked for together. */
async function allRead<Answers extends readonly unknown[]>(
  ...asked: {
    [At in keyof Answers]: Promise<Answers[At]>;
  }
): Promise<Answers> {
  return (await allAnswered<unknown>(asked)) as unknown as Answers;
}

/** Reads outside of any transaction. */
async function reading<T>(database: Database, read: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await database.connect();
  try {
    const value = await read(connection);
    connection.release();
    return value;
  } catch (error) {
    connection.release(true);
    throw error;
  }
}

/** Gives every run that speaks for the first time its day, and every event its run's. */
function placeOn({ rows: { runs }, daysOf }: Ground, events: readonly RecordedEvent[]): PlacedEvent[] {
  return events.map((event) => {
    const known = runs.get(keyOf(event.tenant, event.run))!;
    known.expiresOn ??= expiryDay(event.receivedAt, daysOf(event.tenant));
    return { event, expiresOn: known.expiresOn };
  });
}

function tenantsWithoutDay(runs: ReadonlyMap<string, KnownRun>, keys: ReadonlyMap<string, RunKey>): string[] {
  return [...new Set([...keys].flatMap(([key, { tenant }]) => (runs.get(key)!.expiresOn ? [] : [tenant])))];
}

/** What comes of an erased run, from a sender that tries again, is left out. */
function withoutErased(entries: readonly LogEntry[], erased: readonly RunKey[]): readonly LogEntry[] {
  if (erased.length === 0) return entries;
  const gone = new Set(erased.map(({ tenant, run }) => keyOf(tenant, run)));
  return entries.filter((entry) => recordOf(entry).every(({ tenant, run }) => !gone.has(keyOf(tenant, run))));
}

function sessionsOf(entry: LogEntry, runs: ReadonlyMap<string, KnownRun>): SessionKey[] {
  if (entry.kind === 'link') return [entry.link];
  if (entry.kind === 'unreadable') return [];
  const { tenant, run } = entry.event;
  return [...runs.get(keyOf(tenant, run))!.sessions].map((session) => ({ tenant, session }));
}

function eventsOf(entries: readonly LogEntry[]): RecordedEvent[] {
  return entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event] : []));
}

function recordOf(entry: LogEntry): (RecordedEvent | RecordedLink)[] {
  switch (entry.kind) {
    case 'event':
      return [entry.event];
    case 'link':
      return [entry.link];
    case 'unreadable':
      return [];
  }
}

function newRun(): KnownRun {
  return { state: undefined, sessions: new Set() };
}

function unique<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item> {
  return new Map(items.map((item) => [key(item), item]));
}
