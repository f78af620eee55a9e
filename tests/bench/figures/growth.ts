import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@runcast/test-harness';
import pg from 'pg';
import { HttpConnection } from '../load/http-connection.ts';
import { Watchers } from '../load/audience.ts';
import { Program } from '../load/program.ts';
import type { SenderMethods } from '../load/http-senders.ts';
import { percentileOf } from '../measure/histogram.ts';
import { median } from '../measure/in-turn.ts';
import { lineOf, resultOf, type Result } from '../results.ts';
import { Installation } from '../world/installation.ts';
import type { Service } from '../world/service.ts';
import { cleanly, type Bench } from './figure.ts';
import { storeRun } from './stored-runs.ts';
import { storeManyRuns } from './many-runs.ts';

const HOST = '127.0.0.1';
const REPLAYED_EVENTS = 100;
const LIST = '/v1/runs?limit=50';
const ASKED = 30;
const PROJECTED_MS = 1_200_000;

/** What it costs that much is stored, and that much is watched. */
export function growth(bench: Bench): Promise<Result[]> {
  return cleanly(async (cleanUp) => {
    const installation = cleanUp.add(await Installation.create(bench.backends, { name: 'growth' }), (made) =>
      made.remove(),
    );
    const ingest = await installation.start('ingest-gateway');
    const realtime = await installation.start('realtime-gateway');
    const senders = cleanUp.add(await Program.start<SenderMethods>('load/http-senders'), (made) => made.stop());
    const watchers = cleanUp.add(await Watchers.start(2), (made) => made.stop());
    const rig = { installation, ingest, realtime, senders, watchers };
    await storeRun(ingest.port, installation.apiKey, 'replayed', REPLAYED_EVENTS);
    return [...(await storedRuns(bench, rig)), ...(await watchedRuns(bench, rig))];
  });
}

interface Rig {
  readonly installation: Installation;
  readonly ingest: Service;
  readonly realtime: Service;
  readonly senders: Program<SenderMethods>;
  readonly watchers: Watchers;
}

async function storedRuns(bench: Bench, rig: Rig): Promise<Result[]> {
  const results: Result[] = [];
  let stored = 0;
  for (const runs of bench.quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000]) {
    await storeManyRuns(rig.installation, stored, runs);
    stored = runs;
    bench.report(`${runs} runs are stored`);
    await whenProjected(rig.installation);
    const sent = await rig.senders.call('send', {
      host: HOST,
      port: rig.ingest.port,
      path: '/v1/events',
      headers: rig.installation.headers,
      connections: 8,
      eventsPerRequest: 1,
      forMs: 2_000,
      name: `growth-${runs}`,
    });
    const on = `at ${runs} stored runs`;
    const measured = [
      resultOf({
        figure: `growth: ingest p50, 8 connections, ${on}`,
        unit: 'ms',
        values: [percentileOf(sent.latencies, 0.5)],
      }),
      resultOf({ figure: `growth: list of 50 runs, ${on}`, unit: 'ms', values: await askedOften(rig, LIST) }),
      resultOf({
        figure: `growth: replay of ${REPLAYED_EVENTS} events, ${on}`,
        unit: 'ms',
        values: await replaying(rig),
      }),
    ];
    // Storing and projecting the next ones takes minutes: what is known so far is not kept back.
    for (const result of measured) bench.report(lineOf(result));
    results.push(...measured);
  }
  return results;
}

/** The tables have reached the end of the log. */
async function whenProjected(installation: Installation): Promise<void> {
  const projector = await installation.start('projector');
  const log = await installation.openLog();
  const client = new pg.Client({ connectionString: installation.databaseUrl });
  await client.connect();
  const { lastSequence } = await log.identity(0);
  const reached = async (): Promise<boolean> => (await installation.projectedUpTo(client)) >= lastSequence;
  await waitFor(reached, { timeoutMs: PROJECTED_MS, describe: `the tables have reached ${lastSequence}` });
  await client.query('ANALYZE');
  await client.end();
  await log.close();
  await projector.stop();
}

async function askedOften({ installation, realtime }: Rig, path: string): Promise<number[]> {
  const values: number[] = [];
  for (let round = 0; round < ASKED; round += 1) {
    const begun = performance.now();
    const response = await fetch(`http://${HOST}:${realtime.port}${path}`, {
      headers: { 'x-api-key': installation.apiKey },
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
    values.push(performance.now() - begun);
  }
  return values;
}

async function replaying({ installation, realtime, watchers }: Rig): Promise<number[]> {
  const values: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const begun = performance.now();
    const audience = await watchers.gather({
      transport: 'sse',
      host: HOST,
      port: realtime.port,
      paths: ['/v1/runs/replayed/stream?follow=true', '/v1/runs/replayed/stream?follow=true'],
      headers: installation.headers,
    });
    await audience.whenThrough(REPLAYED_EVENTS);
    values.push(performance.now() - begun);
    await audience.leave();
  }
  return values;
}

const EVENTS_PER_SECOND = 100;

/** The same events a second, to ever more runs that are watched by one client each. */
async function watchedRuns(bench: Bench, rig: Rig): Promise<Result[]> {
  const results: Result[] = [];
  for (const runs of [1, 100, bench.quick ? 1_000 : 10_000]) {
    const paths = Array.from(
      { length: Math.max(2, runs) },
      (_, index) => `/v1/runs/watched-${index % runs}/stream?follow=true`,
    );
    const audience = await rig.watchers.gather({
      transport: 'sse',
      host: HOST,
      port: rig.realtime.port,
      paths,
      headers: rig.installation.headers,
    });
    await delay(2_000);
    const values: number[] = [];
    for (let round = 0; round < (bench.quick ? 2 : 3); round += 1) values.push(await cpuWhileSending(rig, runs));
    bench.report(`${runs} watched runs: ${median(values).toFixed(1)} % of a core`);
    results.push(
      resultOf({
        figure: `growth: a live feed's gateway, ${EVENTS_PER_SECOND} events/s over ${runs} watched runs`,
        unit: '% of a core',
        values,
      }),
    );
    await audience.leave();
  }
  return results;
}

async function cpuWhileSending({ installation, ingest, realtime }: Rig, runs: number): Promise<number> {
  const { headers } = installation;
  const connection = await HttpConnection.open({ host: HOST, port: ingest.port, path: '/v1/events', headers });
  const [begun, cpu] = [performance.now(), realtime.cpuMs()];
  for (let event = 0; event < EVENTS_PER_SECOND * 4; event += 1) {
    await delay(Math.max(0, begun + (event * 1_000) / EVENTS_PER_SECOND - performance.now()));
    void connection.post(`{"run":"watched-${event % runs}","type":"run.heartbeat"}`);
  }
  const share = ((realtime.cpuMs() - cpu) / (performance.now() - begun)) * 100;
  connection.close();
  return share;
}
