import { waitFor } from '@runcast/test-harness';
import type { Recovery } from '../faults/fault.ts';
import { Journal } from '../load/journal.ts';
import type { Producers } from '../load/producers.ts';
import type { Findings } from '../results.ts';
import type { LiveWatchers } from '../watch/live-watchers.ts';
import { Deployment, type DeploymentOptions } from '../world/deployment.ts';
import { compareAll } from './compare-all.ts';
import type { Stage } from './scenario.ts';
import { trafficOf, type Traffic, type TrafficOptions } from './traffic.ts';

export interface UnderLoadOptions extends TrafficOptions {
  readonly deployment?: Omit<DeploymentOptions, 'folder' | 'env'>;
  /** The load goes on until so many events are acknowledged. */
  readonly acked?: number;
}

export interface Underway {
  readonly system: Deployment;
  /** The first tenant's; mostly there is no other. */
  readonly load: Producers;
  readonly watchers: LiveWatchers;
  readonly traffic: readonly Traffic[];
  readonly journal: Journal;
}

const ENOUGH_MS = 300_000;

/** What happened while the load ran. */
export interface Happened {
  readonly faults: number;
  readonly recoveries?: readonly Recovery[];
  readonly facts?: Findings['facts'];
  readonly failures?: readonly string[];
  readonly table?: Findings['table'];
}

/**
 * The frame of every scenario with load: starts the system, lets producers and watchers run while `happen` breaks
 * things, and compares all sources with the journal when it is over. Ends what it started.
 */
export async function underLoad(
  stage: Stage,
  options: UnderLoadOptions,
  happen: (underway: Underway) => Promise<Happened>,
): Promise<Findings> {
  const { folder, env, seed, report } = stage;
  report('starting 3 NATS nodes, Postgres, projectors, ingest and realtime gateways');
  const system = await Deployment.start({ folder, env, ...options.deployment });
  try {
    const journal = await Journal.create(folder.file('journal.ndjson'));
    const traffic = trafficOf(system, journal, seed, options);
    const { load, watchers } = traffic[0]!;
    const loading = Promise.all(traffic.map((each) => each.load.run()));
    const happening = happen({ system, load, watchers, traffic, journal });
    // A broken answer ends the run at once: what comes after it proves nothing.
    await Promise.race([happening, failureOf(loading)]);
    const happened = await happening;
    const enough = (): boolean => journal.size >= (options.acked ?? 0);
    const describe = `${options.acked} acknowledged events`;
    await Promise.race([waitFor(enough, { timeoutMs: ENOUGH_MS, describe }), failureOf(loading)]);
    for (const each of traffic) each.load.stop();
    await loading;
    const acked = journal.size;
    const compared = await compareAll(system, journal, traffic, stage);
    return {
      acked,
      faults: happened.faults,
      sources: compared.sources,
      recoveries: happened.recoveries ?? [],
      facts: [
        ['network between nodes', system.nats.network.kind],
        ['requests sent again', traffic.reduce((sum, each) => sum + each.load.retried, 0)],
        ['most attempts of one', Math.max(...traffic.map((each) => each.load.mostAttempts))],
        ['exits nobody ordered', ownExitsOf(system)],
        ...(happened.facts ?? []),
      ],
      failures: [...(happened.failures ?? []), ...compared.failures],
      table: happened.table ?? [],
    };
  } finally {
    await system.close();
  }
}

/** Never resolves. */
function failureOf(work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => void work.catch(reject));
}

/** A crash shows by its signal or code here; a start that failed because something was away ends with 1. */
function ownExitsOf({ replicas }: Pick<Deployment, 'replicas'>): string {
  const exits = replicas.flatMap(({ name, ownExits }) =>
    ownExits.map(({ code, signal }) => `${name} with ${signal ?? code}`),
  );
  return exits.length === 0 ? '0' : `${exits.length}: ${exits.join(', ')}`;
}
