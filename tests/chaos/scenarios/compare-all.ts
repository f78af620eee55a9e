import { waitFor } from '@runcast/test-harness';
import type { Entry } from '../check/entry.ts';
import { judge, type Observation, type SourceVerdict } from '../check/verdict.ts';
import type { Journal } from '../load/journal.ts';
import { readFeeds } from '../read/read-feeds.ts';
import { readLog } from '../read/read-log.ts';
import { readTables, summaryDifferences } from '../read/read-tables.ts';
import { seeded } from '../seeded.ts';
import type { Deployment } from '../world/deployment.ts';
import type { Stage } from './scenario.ts';
import type { Traffic } from './traffic.ts';

const LAST_EVENTS_MS = 30_000;
const REPLAYS_MS = 240_000;

export interface Comparison {
  readonly sources: readonly SourceVerdict[];
  readonly failures: readonly string[];
}

/**
 * Waits until all is well and drained, and compares every source with the journal. The producers must have ended:
 * then every event is either acknowledged or was never sent.
 */
export async function compareAll(
  system: Deployment,
  journal: Journal,
  traffic: readonly Traffic[],
  { report, seed }: Stage,
): Promise<Comparison> {
  report('healing and draining');
  await system.whenDrained();
  const live = await lastEvents(traffic);
  const expected = await journal.read();
  report('reading the log and the tables');
  const log = await readLog(system.nats.urls, system.shards);
  const tables = await readTables(system.postgres.url);
  report(`reading ${expected.size} runs again as REST, SSE and WebSocket`);
  const sessions = expectedSessions(expected, new Map(traffic.flatMap(({ load }) => [...load.sessions])));
  const counts = countsOf(sessions);
  const signal = AbortSignal.timeout(REPLAYS_MS);
  const feeds: Observation[] = [];
  for (const { apiKey, load } of traffic) {
    const own = new Set(load.sessions.values());
    const reader = { urls: system.readUrls, apiKey, random: seeded(seed), signal };
    const runs = [...expected.keys()].filter((run) => load.sessions.has(run));
    feeds.push(...(await readFeeds(runs, new Map([...counts].filter(([session]) => own.has(session))), reader)));
  }
  const observations = [
    ...observed('log', expected, log.runs),
    ...observed('tables', expected, tables.runs),
    ...live,
    ...feeds,
    ...observed('session log', sessions, log.sessions),
  ];
  const { sources, blindSpots } = judge(new Map([...expected, ...sessions]), observations);
  const summaries = {
    source: 'summaries',
    subjects: expected.size,
    events: 0,
    differences: summaryDifferences(tables),
    examples: tables.contradictions.slice(0, 5),
  };
  return {
    sources: [...sources, summaries],
    failures: [
      ...blindSpots,
      ...traffic.flatMap(({ watchers }) => watchers.faults.slice(0, 5)),
      ...traffic.flatMap(({ watchers }) => watchers.resets.map((reset) => `a watcher was reset: ${reset}`)),
      ...(log.unreadable > 0 ? [`${log.unreadable} records of the log cannot be read`] : []),
    ],
  };
}

/** Runs that only one side knows are compared too: with nothing. */
function observed(source: string, expected: Map<string, Entry[]>, shown: Map<string, Entry[]>): Observation[] {
  const subjects = new Set([...expected.keys(), ...shown.keys()]);
  return [...subjects].map((subject) => ({ source, subject, entries: shown.get(subject) ?? [] }));
}

/** Watchers have the time that a slow reconnect needs; what they have not seen by then is missing. */
async function lastEvents(traffic: readonly Traffic[]): Promise<readonly Observation[]> {
  const done = (): boolean => traffic.every(({ watchers }) => watchers.waiting === 0);
  await waitFor(done, { timeoutMs: LAST_EVENTS_MS, describe: 'watchers' }).catch(() => undefined);
  return (await Promise.all(traffic.map(({ watchers }) => watchers.finish()))).flat();
}

/** The events of all runs of a session in the one order of the log. */
function expectedSessions(
  expected: ReadonlyMap<string, readonly Entry[]>,
  sessionOf: ReadonlyMap<string, string>,
): Map<string, Entry[]> {
  const sessions = new Map<string, Entry[]>();
  for (const [run, entries] of expected) {
    const session = sessionOf.get(run)!;
    const named = entries.map((entry) => ({ ...entry, id: `${run} ${entry.id}` }));
    sessions.set(session, [...(sessions.get(session) ?? []), ...named]);
  }
  for (const entries of sessions.values()) entries.sort((a, b) => sequenceOf(a) - sequenceOf(b));
  return sessions;
}

function sequenceOf({ position }: Entry): number {
  return Number(position.slice(position.lastIndexOf('.') + 1));
}

function countsOf(lists: ReadonlyMap<string, readonly Entry[]>): Map<string, number> {
  return new Map([...lists].map(([name, entries]) => [name, entries.length]));
}
