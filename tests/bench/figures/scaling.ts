import { cpus } from 'node:os';
import { Program } from '../load/program.ts';
import type { SenderMethods } from '../load/http-senders.ts';
import { inTurn, type Contender } from '../measure/in-turn.ts';
import { resultsOf, type Result } from '../results.ts';
import { headersOf, Installation } from '../world/installation.ts';
import { cleanly, type Bench, type CleanUp } from './figure.ts';

const CONNECTIONS = 64;

/** What a second gateway and a second shard add. On few cores the processes share what there is, so nothing is promised. */
export function scaling(bench: Bench): Promise<Result[]> {
  return cleanly(async (cleanUp) => {
    const senders = await Promise.all([1, 2].map(() => Program.start<SenderMethods>('load/http-senders')));
    for (const program of senders) cleanUp.add(program, (made) => made.stop());
    const one = await installationWith(bench, cleanUp, 1);
    const two = await installationWith(bench, cleanUp, 2);
    const contender = (name: string, rig: Rig, gateways: number, eventsPerRequest: number): Contender => ({
      name,
      measure: () => together(bench, senders, rig, gateways, eventsPerRequest),
    });
    const rounds = bench.quick ? 2 : 4;
    const singles = await inTurn([contender('1 gateway', one, 1, 1), contender('2 gateways', one, 2, 1)], rounds);
    const batches = await inTurn([contender('1 shard', one, 2, 100), contender('2 shards', two, 2, 100)], rounds);
    const on = `on ${cpus().length} cores`;
    return [
      ...resultsOf(
        singles,
        { name: '2 gateways', figure: `scaling: 2 gateways, single events, ${on}`, unit: 'events/s' },
        [{ name: '1 gateway' }],
      ),
      ...resultsOf(batches, { name: '2 shards', figure: `scaling: 2 shards, batches, ${on}`, unit: 'events/s' }, [
        { name: '1 shard' },
      ]),
    ];
  });
}

interface Rig {
  readonly installation: Installation;
  readonly ports: readonly number[];
  /** Of tenants that live in different shards, where there are several. */
  readonly apiKeys: readonly string[];
}

async function installationWith({ backends }: Bench, cleanUp: CleanUp, shards: number): Promise<Rig> {
  const tenants = Array.from({ length: 16 }, (_, index) => `tenant-${index}`);
  const installation = await Installation.create(backends, { name: `shards${shards}`, shards, tenants });
  cleanUp.add(installation, (made) => made.remove());
  const log = await installation.openLog();
  const inShard = (shard: number): number => tenants.findIndex((tenant) => log.shardFor(tenant).number === shard);
  const apiKeys = [0, shards - 1].map((shard) => installation.apiKeys[inShard(shard)]!);
  await log.close();
  const gateways = [await installation.start('ingest-gateway'), await installation.start('ingest-gateway')];
  return { installation, apiKeys, ports: gateways.map(({ port }) => port) };
}

let order = 0;

/** Both senders at once, each with half of the connections; to one gateway or one each. */
async function together(
  { quick, report }: Bench,
  senders: readonly Program<SenderMethods>[],
  rig: Rig,
  gateways: number,
  eventsPerRequest: number,
): Promise<number> {
  const sent = await Promise.all(
    senders.map((program, index) =>
      program.call('send', {
        host: '127.0.0.1',
        port: rig.ports[index % gateways]!,
        path: '/v1/events',
        headers: headersOf(rig.apiKeys[index]!),
        connections: (eventsPerRequest === 1 ? CONNECTIONS : 16) / 2,
        eventsPerRequest,
        forMs: quick ? 1_500 : 3_000,
        name: `scaling-${(order += 1)}`,
      }),
    ),
  );
  const rate = sent.reduce((sum, part) => sum + (part.accepted * eventsPerRequest * 1_000) / part.tookMs, 0);
  report(`${gateways} gateways, ${rig.installation.shards} shards: ${Math.round(rate)} events/s`);
  return rate;
}
