import { foldRun, type JsonObject, type JsonValue, type RecordedEvent, type RunState } from '@runcast/run-events';
import fc from 'fast-check';
import { keyOf } from './fold-batch.ts';
import { positionOf, type LogEntry } from './log-entry.ts';
import { foldSession, type SessionState } from './session-state.ts';

/** For specs: a log that grows entry by entry. */
export class SampleLog {
  readonly entries: LogEntry[] = [];

  constructor(
    readonly shard = 0,
    readonly epoch = 'e1',
  ) {}

  event(run: string, type: string, data: JsonObject = {}, given: Partial<RecordedEvent> = {}): this {
    const position = this.#next();
    const event: RecordedEvent = {
      id: `event-${position.sequence}`,
      tenant: 'acme',
      run,
      type,
      level: 'info',
      occurredAt: instant(position.sequence),
      receivedAt: instant(position.sequence),
      dialect: 'runcast',
      data,
      raw: JSON.stringify(data),
      position,
      ...given,
    };
    this.entries.push({ kind: 'event', event });
    return this;
  }

  link(run: string, session: string): this {
    this.entries.push({ kind: 'link', link: { tenant: 'acme', session, run, position: this.#next() } });
    return this;
  }

  unreadable(reason: string): this {
    const bytes = new Uint8Array([0xff, 0x00, 0x7b]);
    this.entries.push({ kind: 'unreadable', position: this.#next(), subject: 'evt.0.acme.r.lost', bytes, reason });
    return this;
  }

  #next() {
    return { shard: this.shard, epoch: this.epoch, sequence: this.entries.length + 1 };
  }
}

function instant(seconds: number): string {
  return `${new Date(Date.UTC(2026, 10, 21) + seconds * 1_000).toISOString().slice(0, 19)}.000000Z`;
}

/** What the tables must hold after these entries: the definition, written as plainly as it can be. */
export function modelOf(entries: readonly LogEntry[]) {
  const events = new Map<string, RecordedEvent>();
  const links = new Map<string, { run: string; session: string; sequence: number }>();
  const runs = new Map<string, RunState>();
  const sessions = new Map<string, SessionState>();
  for (const entry of entries) {
    if (entry.kind === 'link') {
      const { link } = entry;
      const key = `${link.session}/${link.run}`;
      if (links.has(key)) continue;
      links.set(key, { run: link.run, session: link.session, sequence: link.position.sequence });
      sessions.set(link.session, foldSession(sessions.get(link.session), { kind: 'run-joined', link }));
    } else if (entry.kind === 'event') {
      const { event } = entry;
      const key = keyOf(event.run, event.id);
      if (events.has(key)) continue;
      events.set(key, event);
      runs.set(event.run, foldRun(runs.get(event.run), event));
      for (const { run, session } of links.values()) {
        if (run === event.run)
          sessions.set(session, foldSession(sessions.get(session), { kind: 'event', session, event }));
      }
    }
  }
  return {
    events: [...events.values()],
    links: [...links.values()].sort((left, right) => left.sequence - right.sequence),
    runs: [...runs.values()].map(stored).sort((left, right) => left.firstSequence - right.firstSequence),
    sessions: [...sessions.values()].sort((left, right) => left.firstSequence - right.firstSequence),
  };
}

/** The fold does not tell a payload that is JSON null from none, and neither does the table. */
function stored(run: RunState): RunState {
  return { ...run, input: run.input ?? undefined, output: run.output ?? undefined };
}

type Step = (log: SampleLog) => SampleLog;

const run = fc.constantFrom('r1', 'r2', 'r3', 'r4');
const session = fc.constantFrom('s1', 's2');
const whole = fc.nat(1_000);
const usage = fc.record({ inputTokens: whole, outputTokens: whole, costUsd: fc.constantFrom(0.1, 0.25, 3) });
// As it comes out of a parser (no -0), and without what storableJson replaces.
const content = fc
  .json({ maxDepth: 2 })
  .filter((text) => !/\\u(0000|d)/.test(text))
  .map((text) => JSON.parse(text) as JsonValue);
const saying = fc.oneof(
  fc.record({ type: fc.constant('run.started'), data: fc.record({ input: content }) }),
  fc.record({ type: fc.constant('run.completed'), data: fc.record({ output: content, usage }) }),
  fc.record({ type: fc.constant('run.failed'), data: fc.record({ error: fc.record({ message: fc.string() }) }) }),
  fc.record({ type: fc.constant('llm-call.completed'), data: fc.record({ usage, model: fc.constantFrom('a', 'b') }) }),
  fc.record({ type: fc.constant('message.sent'), data: fc.record({ content }) }),
  fc.record({ type: fc.constant('human-input.requested'), data: fc.record({ question: fc.constant('Go on?') }) }),
  fc.record({
    type: fc.constantFrom('run.went-stale', 'run.cancelled', 'step.started', 'tool-call.failed', 'vendor.unknown'),
    data: fc.constant({}),
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(run, saying).map(
      ([to, { type, data }]) =>
        (log: SampleLog) =>
          log.event(to, type, data),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(run, session).map(
      ([from, to]) =>
        (log: SampleLog) =>
          log.link(from, to),
    ),
  },
  // The same event again under a later sequence: what a retry beyond the log's duplicate window leaves behind.
  { weight: 2, arbitrary: fc.nat().map((index) => (log: SampleLog) => again(log, index)) },
);

function again(log: SampleLog, index: number): SampleLog {
  const events = log.entries.flatMap((entry) => (entry.kind === 'event' ? [entry.event] : []));
  if (events.length === 0) return log;
  const { id, run, type, data, occurredAt } = events[index % events.length]!;
  return log.event(run, type, data, { id, occurredAt });
}

/** Any log of up to `maxSteps` records: interleaved runs, late links, every event possibly delivered again. */
export function anyLog(maxSteps: number): fc.Arbitrary<LogEntry[]> {
  return fc
    .array(step, { minLength: 1, maxLength: maxSteps })
    .map((steps) => steps.reduce((log, apply) => apply(log), new SampleLog()).entries);
}

/** The entries cut into batches of these sizes, over and over. */
export function batchesOf(entries: readonly LogEntry[], sizes: readonly number[]): LogEntry[][] {
  const batches: LogEntry[][] = [];
  for (let at = 0, turn = 0; at < entries.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    batches.push(entries.slice(at, at + size));
    at += size;
  }
  return batches;
}

export function upTo(entries: readonly LogEntry[], sequence: number): LogEntry[] {
  return entries.filter((entry) => positionOf(entry).sequence <= sequence);
}
