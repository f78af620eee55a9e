import { setTimeout as delay } from 'node:timers/promises';
import { Watchers } from '../load/audience.ts';
import { countOf, percentileOf } from '../measure/histogram.ts';
import { inTurn, type Contender } from '../measure/in-turn.ts';
import { resultOf, resultsOf, type Result } from '../results.ts';
import { broadcasters, type Broadcaster } from './broadcasters.ts';
import { cleanly, type Bench } from './figure.ts';

const CLIENTS = 1_000;
const PROCESSES = 2;
const EVENTS_PER_SECOND = 50;

/** How long an event takes from its POST to each of a thousand clients, at a steady rate that nobody is slowed to. */
export function latency(bench: Bench): Promise<Result[]> {
  return cleanly(async (cleanUp) => {
    const watchers = cleanUp.add(await Watchers.start(PROCESSES), (made) => made.stop());
    const all = await broadcasters(bench, cleanUp, { watchers, clients: CLIENTS, transports: ['websocket'] });
    const p99 = new Map<string, number[]>(all.map(({ name }) => [name, []]));
    const seconds = bench.quick ? 2 : 4;
    const contenders: Contender[] = all.map((one) => ({
      name: one.name,
      async measure() {
        await watchers.usage();
        const taken = await one.audience.restart().then(() => steadily(one, seconds));
        const [p50, tail] = [percentileOf(taken, 0.5), percentileOf(taken, 0.99)];
        p99.get(one.name)!.push(tail);
        bench.report(
          `${one.name}: p50 ${p50.toFixed(1)} ms, p99 ${tail.toFixed(1)} ms of ${countOf(taken)} deliveries ` +
            `(${await watchers.usage()})`,
        );
        return p50;
      },
    }));
    const rounds = await inTurn(contenders, bench.quick ? 2 : 5);
    const figure = `POST to client: ${CLIENTS} clients, ${EVENTS_PER_SECOND} events/s`;
    return [
      ...resultsOf(rounds, { name: 'runcast', figure: `${figure}, p50`, unit: 'ms' }, [
        { name: 'nchan', target: { of: 'ratio', atMost: 3 } },
        { name: 'bare ws' },
      ]),
      resultOf({
        figure: `${figure}, p99`,
        unit: 'ms',
        values: p99.get('runcast')!,
        target: { of: 'value', atMost: 40 },
      }),
    ];
  });
}

/** Events leave when their time has come, whether or not those before them have arrived. */
async function steadily({ post, audience }: Broadcaster, seconds: number) {
  const events = EVENTS_PER_SECOND * seconds;
  const begun = performance.now();
  const sentAt: number[] = [];
  const posts: Promise<void>[] = [];
  for (let event = 0; event < events; event += 1) {
    const waitMs = begun + (event * 1_000) / EVENTS_PER_SECOND - performance.now();
    if (waitMs > 0) await delay(waitMs);
    sentAt.push(Number(process.hrtime.bigint()) / 1e6);
    posts.push(post());
  }
  await Promise.all(posts);
  await audience.whenThrough(events);
  return audience.latencies(sentAt);
}
