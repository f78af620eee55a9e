import { addUp, percentileOf } from '../measure/histogram.ts';
import { inTurn, type Contender } from '../measure/in-turn.ts';
import { Program } from '../load/program.ts';
import type { SenderMethods, Sent, SendOrder } from '../load/http-senders.ts';
import type { BareHttpMethods } from '../peers/bare-http.ts';
import type { BareNatsMethods, PublishOrder } from '../peers/bare-nats.ts';
import { resultOf, resultsOf, type Result } from '../results.ts';
import { Installation } from '../world/installation.ts';
import { cleanly, type Bench, type CleanUp } from './figure.ts';

const SINGLE_CONNECTIONS = 64;
const BATCH_CONNECTIONS = 16;
const BATCH = 100;
/** As many as the server takes in one atomic batch: what grouping can reach at best. */
const MAX_BATCH = 1_000;

/** What one gateway takes in with durable acknowledgements. */
export function ingest(bench: Bench): Promise<Result[]> {
  return cleanly(async (cleanUp) => {
    const rig = await setUp(bench, cleanUp);
    const batches = await measureBatches(bench, rig);
    return [...batches, ...(await measureSingles(bench, rig, cleanUp))];
  });
}

interface Rig {
  readonly senders: Program<SenderMethods>;
  readonly nats: Program<BareNatsMethods>;
  readonly installation: Installation;
  readonly port: number;
}

async function setUp({ backends }: Bench, cleanUp: CleanUp): Promise<Rig> {
  const installation = cleanUp.add(await Installation.create(backends, { name: 'ingest' }), (made) => made.remove());
  const gateway = await installation.start('ingest-gateway');
  const senders = cleanUp.add(await Program.start<SenderMethods>('load/http-senders'), (made) => made.stop());
  const nats = cleanUp.add(await Program.start<BareNatsMethods>('peers/bare-nats'), (made) => made.stop());
  await nats.call('open', { servers: backends.natsUrl, name: `BARE_${installation.namespace}` });
  cleanUp.add(nats, (made) => made.call('close', undefined));
  return { senders, nats, installation, port: gateway.port };
}

async function measureBatches({ quick, report }: Bench, rig: Rig): Promise<Result[]> {
  const forMs = quick ? 1_500 : 3_000;
  const rounds = await inTurn(
    [
      sending('runcast', rig, rig.port, { connections: BATCH_CONNECTIONS, eventsPerRequest: BATCH, forMs }, report),
      bareBatches(rig, { forMs, size: BATCH, atOnce: BATCH_CONNECTIONS }),
      bareBatches(rig, { forMs, size: MAX_BATCH, atOnce: 1 }),
      { name: 'one publish per event', measure: async () => perSecond(await rig.nats.call('oneByOne', { forMs })) },
    ],
    quick ? 2 : 5,
  );
  return resultsOf(rounds, { name: 'runcast', figure: `ingest: ${BATCH} events a POST`, unit: 'events/s' }, [
    { name: bareBatchesName(BATCH), target: { of: 'ratio', atLeast: 0.7 } },
    { name: bareBatchesName(MAX_BATCH) },
    { name: 'one publish per event', target: { of: 'ratio', atLeast: 10 } },
  ]);
}

function bareBatchesName(size: number): string {
  return `bare NATS, atomic batches of ${size}`;
}

function bareBatches({ nats }: Rig, order: PublishOrder & { readonly size: number }): Contender {
  return {
    name: bareBatchesName(order.size),
    measure: async () => perSecond(await nats.call('batches', order)),
  };
}

async function measureSingles(bench: Bench, rig: Rig, cleanUp: CleanUp): Promise<Result[]> {
  const { quick, report } = bench;
  const forMs = quick ? 1_500 : 3_000;
  const load = { connections: SINGLE_CONNECTIONS, eventsPerRequest: 1, forMs };
  const p99: number[] = [];
  const bare = async (kind: Parameters<BareHttpMethods['listen']>[0], name: string): Promise<Contender> => {
    const server = cleanUp.add(await Program.start<BareHttpMethods>('peers/bare-http'), (made) => made.stop());
    return sending(name, rig, await server.call('listen', kind), load, report);
  };
  const rounds = await inTurn(
    [
      sending('runcast', rig, rig.port, load, report, ({ latencies }) =>
        p99.push(percentileOf(addUp([latencies]), 0.99)),
      ),
      await bare('node:http', 'bare node:http, 202'),
      await bare('fastify', 'bare Fastify, 202'),
      await bare('tcp', 'load generator alone'),
      {
        name: 'bare NATS, singles',
        measure: async () => perSecond(await rig.nats.call('singles', { forMs, atOnce: SINGLE_CONNECTIONS })),
      },
    ],
    quick ? 2 : 5,
  );
  const subject = {
    name: 'runcast',
    figure: `ingest: single events, ${SINGLE_CONNECTIONS} connections`,
    unit: 'events/s',
  };
  return [
    ...resultsOf(rounds, subject, [
      { name: 'bare Fastify, 202', target: { of: 'ratio', atLeast: 0.6 } },
      { name: 'bare node:http, 202', target: { of: 'ratio', atLeast: 0.6 } },
      { name: 'bare NATS, singles' },
      { name: 'load generator alone' },
    ]),
    resultOf({ figure: 'ingest: single events, p99', unit: 'ms', values: p99, target: { of: 'value', atMost: 25 } }),
  ];
}

function sending(
  name: string,
  { senders, installation }: Rig,
  port: number,
  load: Pick<SendOrder, 'connections' | 'eventsPerRequest' | 'forMs'>,
  report: (line: string) => void,
  onSent: (sent: Sent) => void = () => undefined,
): Contender {
  let round = 0;
  const { headers } = installation;
  return {
    name,
    async measure() {
      const ids = `${name.replaceAll(/\W/g, '')}-${load.eventsPerRequest}-${(round += 1)}`;
      await senders.usage();
      const sent = await senders.call('send', {
        host: '127.0.0.1',
        port,
        path: '/v1/events',
        headers,
        name: ids,
        ...load,
      });
      const { cpuShare, loopDelayP99Ms } = await senders.usage();
      const others =
        Object.keys(sent.otherStatuses).length > 0 ? ` other answers: ${JSON.stringify(sent.otherStatuses)}` : '';
      const rate = (sent.accepted * load.eventsPerRequest * 1_000) / sent.tookMs;
      report(
        `${name}: ${Math.round(rate)} events/s (load generator: ${Math.round(cpuShare * 100)} % of a core, ` +
          `loop p99 ${loopDelayP99Ms.toFixed(1)} ms)${others}`,
      );
      onSent(sent);
      return rate;
    },
  };
}

function perSecond({ events, tookMs }: { events: number; tookMs: number }): number {
  return (events * 1_000) / tookMs;
}
