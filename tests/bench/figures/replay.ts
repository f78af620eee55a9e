import { Watchers } from '../load/audience.ts';
import type { Transport } from '../load/watchers.ts';
import { resultOf, type Result } from '../results.ts';
import { Installation } from '../world/installation.ts';
import type { Service } from '../world/service.ts';
import { cleanly, type Bench } from './figure.ts';
import { storeRun } from './stored-runs.ts';

const HOST = '127.0.0.1';
const LONG_RUN = 10_000;
/** Replays that are printed and do not count: in them V8 compiles what replays. */
const WARM_UP = 4;
const RESUMING_CLIENTS = 1_000;
const RESUMED_EVENTS = 100;
const RUNS = 200;

/** How fast what is already stored reaches clients that were not there. */
export function replay(bench: Bench): Promise<Result[]> {
  return cleanly(async (cleanUp) => {
    const watchers = cleanUp.add(await Watchers.start(2), (made) => made.stop());
    const installation = cleanUp.add(await Installation.create(bench.backends, { name: 'replay' }), (made) =>
      made.remove(),
    );
    const ingest = await installation.start('ingest-gateway');
    const realtime = await installation.start('realtime-gateway');
    const results = [
      await ofLongRuns(bench, watchers, installation, { ingest, realtime }, 'websocket'),
      await ofLongRuns(bench, watchers, installation, { ingest, realtime }, 'sse'),
    ];
    return [...results, await resuming(bench, watchers, installation, ingest, realtime)];
  });
}

/** One client after the other, each with a run of its own: the gateway must not know it from the last. */
async function ofLongRuns(
  { quick, report }: Bench,
  watchers: Watchers,
  installation: Installation,
  { ingest, realtime }: { readonly ingest: Service; readonly realtime: Service },
  transport: Transport,
): Promise<Result> {
  const runs = Array.from({ length: WARM_UP + (quick ? 3 : 7) }, (_, index) => `long-${transport}-${index}`);
  for (const run of runs) await storeRun(ingest.port, installation.apiKey, run, LONG_RUN);
  const values: number[] = [];
  for (const run of runs) {
    const paths = [`/v1/runs/${run}/stream?follow=true`];
    values.push(await timed(watchers, installation, realtime, transport, paths, LONG_RUN));
  }
  report(`${transport}, one after the other: ${values.map((ms) => Math.round(ms)).join(', ')} ms`);
  const figure = `replay: a run of ${LONG_RUN} events, ${transport}`;
  return resultOf({ figure, unit: 'ms', values: values.slice(WARM_UP), target: { of: 'value', atMost: 250 } });
}

/** Everybody comes back at once, as after a deploy, each to one of many runs. */
async function resuming(
  { quick }: Bench,
  watchers: Watchers,
  installation: Installation,
  ingest: Service,
  realtime: Service,
): Promise<Result> {
  const values: number[] = [];
  for (let round = 0; round < (quick ? 2 : 5); round += 1) {
    const paths: string[] = [];
    for (let index = 0; index < RUNS; index += 1) {
      const run = `resumed-${round}-${index}`;
      const positions = await storeRun(ingest.port, installation.apiKey, run, RESUMED_EVENTS + 1);
      const path = `/v1/runs/${run}/stream?follow=true&after=${positions[0]!}`;
      paths.push(...Array.from({ length: RESUMING_CLIENTS / RUNS }, () => path));
    }
    values.push(await timed(watchers, installation, realtime, 'websocket', paths, RESUMED_EVENTS));
  }
  const figure = `replay: ${RESUMING_CLIENTS} clients resume ${RESUMED_EVENTS} events each at once`;
  return resultOf({ figure, unit: 'ms', values, target: { of: 'value', atMost: 3_000 } });
}

/** From before the first client connects until the last has its last event. */
async function timed(
  watchers: Watchers,
  { headers }: Installation,
  { port }: Service,
  transport: Transport,
  paths: readonly string[],
  events: number,
): Promise<number> {
  const begun = performance.now();
  const audience = await watchers.gather({ transport, host: HOST, port, paths, headers });
  await audience.whenThrough(events);
  const tookMs = performance.now() - begun;
  await audience.leave();
  return tookMs;
}
