import pg from 'pg';
import { Program } from '../load/program.ts';
import type { SenderMethods } from '../load/http-senders.ts';
import { inTurn } from '../measure/in-turn.ts';
import { StatementShares } from '../measure/statement-shares.ts';
import type { BarePostgresMethods } from '../peers/bare-postgres.ts';
import { resultOf, resultsOf, type Result } from '../results.ts';
import { Installation } from '../world/installation.ts';
import { cleanly, type Bench, type CleanUp } from './figure.ts';

const BATCH = 1_000;
const STATEMENTS = 7;

/** How fast one projector brings one shard's log into the tables: events, runs and sessions, folded. */
export function project(bench: Bench): Promise<Result[]> {
  return cleanly(async (cleanUp) => {
    const events = bench.quick ? 40_000 : 100_000;
    const installation = cleanUp.add(await Installation.create(bench.backends, { name: 'project' }), (made) =>
      made.remove(),
    );
    await fillLog(installation, cleanUp, events);
    const bare = cleanUp.add(await Program.start<BarePostgresMethods>('peers/bare-postgres'), (made) => made.stop());
    await bare.call('open', { databaseUrl: installation.databaseUrl, events, batch: BATCH });
    const rounds = await inTurn(
      [
        { name: 'runcast', measure: () => projectOnce(bench, installation) },
        { name: 'bare unnest', measure: async () => (events * 1_000) / (await bare.call('unnest', undefined)) },
        { name: 'bare COPY', measure: async () => (events * 1_000) / (await bare.call('copy', undefined)) },
      ],
      bench.quick ? 2 : 5,
    );
    const subject = { name: 'runcast', figure: 'project: one shard into events, runs and sessions', unit: 'events/s' };
    const values = rounds.get('runcast')!;
    return [
      ...resultsOf(rounds, subject, [
        { name: 'bare unnest', target: { of: 'ratio', atLeast: 0.6 } },
        { name: 'bare COPY' },
      ]),
      resultOf({ ...subject, values, target: { of: 'value', atLeast: 20_000 } }),
    ];
  });
}

/** Through a gateway, so that the log holds what it would hold. */
export async function fillLog(installation: Installation, cleanUp: CleanUp, events: number): Promise<void> {
  const gateway = await installation.start('ingest-gateway');
  const senders = cleanUp.add(await Program.start<SenderMethods>('load/http-senders'), (made) => made.stop());
  const log = await installation.openLog();
  try {
    const { headers } = installation;
    const load = {
      host: '127.0.0.1',
      path: '/v1/events',
      headers,
      connections: 16,
      eventsPerRequest: 100,
      forMs: 1_000,
    };
    for (let part = 0; (await log.identity(0)).lastSequence < events; part += 1) {
      await senders.call('send', { ...load, port: gateway.port, name: `fill-${part}` });
    }
  } finally {
    await log.close();
  }
  await gateway.stop();
}

/** From empty tables to the end of the log; the first fifth, in which the process warms up, does not count. */
async function projectOnce({ report }: Bench, installation: Installation): Promise<number> {
  const log = await installation.openLog();
  const { lastSequence } = await log.identity(0);
  await log.close();
  const client = new pg.Client({ connectionString: installation.databaseUrl });
  await client.connect();
  await client.query('TRUNCATE event, run, session, session_run, projection');
  const projector = await installation.start('projector');
  try {
    const [from, begun] = await reaching(installation, client, lastSequence / 5);
    const cpu = projector.cpuMs();
    const shares = new StatementShares(client, 'runcast projector');
    const [to, ended] = await reaching(installation, client, lastSequence, () => shares.look());
    const rate = ((to - from) * 1_000) / (ended - begun);
    const busy = Math.round(((projector.cpuMs() - cpu) / (ended - begun)) * 100);
    report(`runcast: ${Math.round(rate)} events/s (its own CPU: ${busy} % of a core)`);
    for (const line of shares.tops(STATEMENTS)) report(`  Postgres: ${line}`);
    return rate;
  } finally {
    await projector.stop();
    await client.end();
  }
}

async function reaching(
  installation: Installation,
  client: pg.Client,
  sequence: number,
  look: () => Promise<void> = () => Promise.resolve(),
): Promise<[number, number]> {
  for (;;) {
    const projected = await installation.projectedUpTo(client);
    if (projected >= sequence) return [projected, performance.now()];
    await look();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
