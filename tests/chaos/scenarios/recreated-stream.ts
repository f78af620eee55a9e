import { parsePosition, timestampFromMs } from '@runcast/run-events';
import { waitFor } from '@runcast/test-harness';
import type { Entry } from '../check/entry.ts';
import { judge, type Observation } from '../check/verdict.ts';
import { plannedEvent } from '../load/event-text.ts';
import { sendUntilTaken } from '../load/sender.ts';
import { readLog } from '../read/read-log.ts';
import { seeded } from '../seeded.ts';
import { watchEvents } from '../watch/watch-events.ts';
import { watchSocket } from '../watch/watch-socket.ts';
import { deleteStream } from '../world/delete-stream.ts';
import { Deployment } from '../world/deployment.ts';
import { createLog } from '../world/log.ts';
import type { Scenario, Stage } from './scenario.ts';

const BEFORE = 40;
const AFTER = 30;
const NOTICED_MS = 30_000;
const WATCHED = 'watched';

/** What a watcher was shown since it was last told to forget. */
interface Watcher {
  readonly source: string;
  entries: Entry[];
  readonly resets: string[];
}

/** The stream is deleted and made anew. Whoever holds a position of the old one must be told, and nothing be skipped. */
export const recreatedStream: Scenario = async (stage) => {
  const system = await Deployment.start({ folder: stage.folder, env: stage.env });
  const stop = new AbortController();
  try {
    const old = await send(system, stage, WATCHED, 0, BEFORE);
    const watchers = watchBoth(system, stage, stop.signal);
    const shown = (count: number): boolean => watchers.every(({ entries }) => entries.length >= count);
    await waitFor(() => shown(BEFORE), { describe: 'the watchers hold the run' });
    await system.whenDrained();
    const tables = await standOf(system);

    stage.report('deleting the stream and making it anew');
    await deleteStream(system.nats.urls, 'EVENTS-0');
    await createLog(system.nats.urls);
    const noticedMs = await whenNoticed(system, stage, old[0]!.position);
    const expected = new Map([
      [WATCHED, await send(system, stage, WATCHED, BEFORE, AFTER)],
      ['new', await send(system, stage, 'new', 0, AFTER)],
    ]);
    await waitFor(() => shown(AFTER), { timeoutMs: NOTICED_MS, describe: 'the watchers hold what came since' });
    const refused = await whenRefused(system);
    const observations = await observe(system, stage, watchers, [...expected.keys()]);
    const { sources, blindSpots } = judge(expected, observations);
    return {
      acked: old.length + 2 * AFTER,
      faults: 1,
      sources,
      recoveries: [],
      facts: [
        ['gateways noticed after, ms', noticedMs],
        ['watchers were told', watchers.map(({ source, resets }) => `${source}: ${resets.join('+')}`).join(', ')],
        ['projectors say', refused.join(', ')],
      ],
      failures: [
        ...blindSpots,
        ...watchers.filter(({ resets }) => resets.length === 0).map(({ source }) => `${source} was not told`),
        ...(await oldPositionFailures(system, old.at(-1)!.position)),
        ...((await standOf(system)) === tables ? [] : ['the projector wrote from a stream that it must refuse']),
      ],
    };
  } finally {
    stop.abort();
    await system.close();
  }
};

async function send(system: Deployment, { seed }: Stage, run: string, first: number, count: number): Promise<Entry[]> {
  const plan = { run, session: 'session', length: Number.POSITIVE_INFINITY, padding: 0 };
  const random = seeded(seed + first);
  const events = Array.from({ length: count }, (_, index) =>
    plannedEvent(plan, first + index, random.next(), timestampFromMs(Date.now())),
  );
  const { receipts } = await sendUntilTaken(events, { urls: system.ingestUrls, apiKey: system.apiKey, random });
  return events.map(({ id, mark }, index) => ({ id, mark, position: receipts[index]!.position }));
}

function watchBoth(system: Deployment, { seed }: Stage, signal: AbortSignal): Watcher[] {
  const watcher = (source: string): Watcher => ({ source, entries: [], resets: [] });
  const optionsOf = (mine: Watcher) => ({
    urls: system.watchUrls,
    apiKey: system.apiKey,
    random: seeded(seed),
    signal,
    onEntry: (entry: Entry) => void mine.entries.push(entry),
    onReset: (reason: string) => {
      mine.resets.push(reason);
      mine.entries = [];
    },
  });
  const [events, socket] = [watcher('SSE live'), watcher('WebSocket live')];
  void watchEvents('run', WATCHED, optionsOf(events));
  void watchSocket(WATCHED, optionsOf(socket));
  return [events, socket];
}

/** Until every gateway acknowledges under the new epoch, and every other refuses the old one. What it takes meanwhile is stored, under a position that will be refused. */
async function whenNoticed(system: Deployment, { seed }: Stage, oldPosition: string): Promise<number> {
  const begun = performance.now();
  const oldEpoch = parsePosition(oldPosition)!.epoch;
  const random = seeded(seed);
  for (const [gateway, url] of system.ingestUrls.entries()) {
    let index = 0;
    const plan = { run: `probe-${gateway}`, session: 'probe', length: Number.POSITIVE_INFINITY, padding: 0 };
    const noticed = async (): Promise<boolean> => {
      const event = plannedEvent(plan, index++, random.next(), timestampFromMs(Date.now()));
      const { receipts } = await sendUntilTaken([event], { urls: [url], apiKey: system.apiKey, random });
      return parsePosition(receipts[0]!.position)!.epoch !== oldEpoch;
    };
    await waitFor(noticed, { timeoutMs: NOTICED_MS, describe: 'a gateway notices the new stream' });
  }
  // Each asks for itself every five seconds: until then it takes the events of the new stream for those of the old.
  for (const url of system.readUrls) {
    const headers = { authorization: `Bearer ${system.apiKey}` };
    const refused = async (): Promise<boolean> => {
      const page = await fetch(`${url}/v1/runs/${WATCHED}/events?after=${oldPosition}`, { headers });
      await page.arrayBuffer();
      return page.status === 410;
    };
    await waitFor(refused, { timeoutMs: NOTICED_MS, describe: 'a realtime gateway notices the new stream' });
  }
  return Math.round(performance.now() - begun);
}

/** What each projector says of itself once neither goes on. */
async function whenRefused(system: Deployment): Promise<string[]> {
  return Promise.all(
    system.projectors.map(({ url, name }) => {
      const refuses = async (): Promise<string | undefined> => {
        const response = await fetch(`${url}/health/ready`);
        const text = await response.text();
        return response.status === 503 && text.includes('refused') ? 'refused' : undefined;
      };
      return waitFor(refuses, { timeoutMs: NOTICED_MS, describe: `${name} refuses the stream, loudly` });
    }),
  );
}

async function observe(
  system: Deployment,
  { seed }: Stage,
  watchers: readonly Watcher[],
  runs: readonly string[],
): Promise<Observation[]> {
  const log = await readLog(system.nats.urls);
  // The runs are open: their replay has no end, and is read when all of it was shown. REST shows tables that stand still.
  const replayed: Observation[] = [];
  for (const run of runs) {
    const entries: Entry[] = [];
    const full = new AbortController();
    await watchEvents('run', run, {
      urls: system.readUrls,
      apiKey: system.apiKey,
      random: seeded(seed),
      signal: AbortSignal.any([full.signal, AbortSignal.timeout(NOTICED_MS)]),
      onReset: () => undefined,
      onEntry: (entry) => entries.push(entry) >= AFTER && full.abort(),
    });
    replayed.push({ source: 'SSE replay', subject: run, entries });
  }
  return [
    ...watchers.map(({ source, entries }) => ({ source, subject: WATCHED, entries })),
    ...runs.map((subject) => ({ source: 'log', subject, entries: log.runs.get(subject) ?? [] })),
    ...replayed,
  ];
}

/** An old position must be answered with a word, on every transport. */
async function oldPositionFailures({ readUrls, apiKey }: Deployment, position: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const failures: string[] = [];
  for (const url of readUrls) {
    const page = await fetch(`${url}/v1/runs/${WATCHED}/events?after=${position}`, { headers });
    await page.arrayBuffer();
    if (page.status !== 410) failures.push(`REST answered an old position with ${page.status}`);
    const feed = await fetch(`${url}/v1/runs/${WATCHED}/stream?after=${position}`, { headers });
    const text = await firstFrame(feed);
    if (!/event: reset\ndata: .*other-epoch/.test(text)) failures.push(`SSE answered an old position with ${text}`);
  }
  return failures;
}

/** The text of a feed up to its first frame with data, or all of it. */
async function firstFrame(feed: Response): Promise<string> {
  let text = '';
  for await (const chunk of feed.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (/\ndata:.*\n/.test(text)) break;
  }
  return text;
}

/** Where the tables stand, in one text. */
async function standOf({ postgres }: Deployment): Promise<string> {
  const rows = await postgres.query<{ stand: string }>(
    `SELECT concat_ws(' ', epoch, sequence, anchor, (SELECT count(*) FROM event)) AS stand FROM projection`,
  );
  return rows[0]!.stand;
}
