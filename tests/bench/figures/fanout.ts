import { Watchers } from '../load/audience.ts';
import { inTurn, type Contender, type Rounds } from '../measure/in-turn.ts';
import { resultsOf, type Result } from '../results.ts';
import { broadcasters, type Broadcaster } from './broadcasters.ts';
import { cleanly, type Bench } from './figure.ts';

const CLIENTS = 1_000;
const PROCESSES = 2;
const BURST = 100;
/** An event leaves when all but so many of those before it have reached everybody: the server is never idle. */
const UNDER_WAY = 4;

/** Deliveries a second to many clients of one run, each event alone and in bursts. */
export function fanout(bench: Bench): Promise<Result[]> {
  return cleanly(async (cleanUp) => {
    const watchers = cleanUp.add(await Watchers.start(PROCESSES), (made) => made.stop());
    const transports = ['websocket', 'sse'] as const;
    const all = await broadcasters(bench, cleanUp, { watchers, clients: CLIENTS, transports });
    const results: Result[] = [];
    for (const transport of transports) {
      const group = all.filter((each) => each.transport === transport);
      const events = bench.quick ? 60 : 200;
      const spaced = await measure(bench, group, watchers, (one) => sendSpaced(one, events), events);
      results.push(...fanoutResults(transport, 'events spaced', spaced, 1));
      const bursts = bench.quick ? 3 : 8;
      const burst = await measure(bench, group, watchers, (one) => sendBursts(one, bursts), bursts * BURST);
      results.push(...fanoutResults(transport, `bursts of ${BURST}`, burst, 3));
    }
    return results;
  });
}

interface Cost {
  readonly wall: Rounds;
  readonly perCpuSecond: Rounds;
}

async function measure(
  { quick, report }: Bench,
  group: readonly Broadcaster[],
  watchers: Watchers,
  send: (one: Broadcaster) => Promise<void>,
  events: number,
): Promise<Cost> {
  const perCpuSecond = new Map<string, number[]>(group.map(({ name }) => [name, []]));
  const contenders: Contender[] = group.map((one) => ({
    name: one.name,
    async measure() {
      await one.audience.restart();
      await watchers.usage();
      const [begun, cpu] = [performance.now(), one.cpuMs()];
      await send(one).catch((error: unknown) => {
        throw new Error(`${one.name}, ${one.transport}`, { cause: error });
      });
      const tookMs = performance.now() - begun;
      const cpuMs = one.cpuMs() - cpu;
      const deliveries = events * CLIENTS;
      perCpuSecond.get(one.name)!.push((deliveries * 1_000) / cpuMs);
      const rate = (deliveries * 1_000) / tookMs;
      report(
        `${one.name}, ${one.transport}: ${Math.round(rate)} deliveries/s, ` +
          `${((cpuMs * 1_000) / deliveries).toFixed(1)} µs of CPU each (${await watchers.usage()})`,
      );
      return rate;
    },
  }));
  return { wall: await inTurn(contenders, quick ? 2 : 5), perCpuSecond };
}

async function sendSpaced({ post, audience }: Broadcaster, events: number): Promise<void> {
  for (let event = 1; event <= events; event += 1) {
    await audience.whenThrough(event - UNDER_WAY);
    await post();
  }
  await audience.whenThrough(events);
}

async function sendBursts({ postBurst, audience }: Broadcaster, bursts: number): Promise<void> {
  for (let burst = 1; burst <= bursts; burst += 1) {
    await postBurst(BURST);
    await audience.whenThrough(burst * BURST);
  }
}

function fanoutResults(transport: string, how: string, { wall, perCpuSecond }: Cost, timesNchan: number): Result[] {
  const figure = `fan-out: ${transport}, ${how}`;
  const target = { of: 'ratio', atLeast: timesNchan } as const;
  return [
    ...resultsOf(wall, { name: 'runcast', figure, unit: 'deliveries/s' }, [
      { name: 'nchan', target },
      { name: 'bare ws' },
    ]),
    ...resultsOf(perCpuSecond, { name: 'runcast', figure: `${figure}, per CPU`, unit: 'deliveries/CPU s' }, [
      { name: 'nchan' },
      { name: 'bare ws' },
    ]),
  ];
}
