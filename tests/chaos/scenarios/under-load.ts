import { waitFor } from '@runcast/test-harness';
import type { Recovery } from '../faults/fault.ts';
import { Journal } from '../load/journal.ts';
import { Producers, type LoadOptions } from '../load/producers.ts';
import type { Findings } from '../results.ts';
import { LiveWatchers, type LiveWatchersOptions } from '../watch/live-watchers.ts';
import { Deployment, type DeploymentOptions } from '../world/deployment.ts';
import { compareAll } from './compare-all.ts';
import type { Stage } from './scenario.ts';

export interface UnderLoadOptions {
  readonly deployment?: Pick<DeploymentOptions, 'watcherLife' | 'leaseMs' | 'stallMs' | 'heartbeatMs'>;
  readonly load: Omit<LoadOptions, 'urls' | 'apiKey' | 'journal' | 'seed'>;
  readonly watchers: Pick<LiveWatchersOptions, 'maxFeeds' | 'onShown'>;
  readonly clientsPerRun?: number;
  /** The load goes on until so many events are acknowledged. */
  readonly acked?: number;
}

export interface Underway {
  readonly system: Deployment;
  readonly load: Producers;
  readonly watchers: LiveWatchers;
  readonly journal: Journal;
}

const ENOUGH_MS = 300_000;

/** What happened while the load ran. */
export interface Happened {
  readonly faults: number;
  readonly recoveries?: readonly Recovery[];
  readonly facts?: Findings['facts'];
  readonly failures?: readonly string[];
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
  report('starting 3 NATS nodes, Postgres, 2 projectors, 2 ingest and 3 realtime gateways');
  const system = await Deployment.start({ folder, env, ...options.deployment });
  try {
    const journal = await Journal.create(folder.file('journal.ndjson'));
    const { apiKey, ingestUrls: urls } = system;
    const load = new Producers({ ...options.load, urls, apiKey, journal, seed });
    const watchers = new LiveWatchers({ ...options.watchers, urls: system.watchUrls, apiKey, seed });
    load.onRun((plan) => watchers.watch(plan, options.clientsPerRun));
    const loading = load.run();
    const happening = happen({ system, load, watchers, journal });
    // A broken answer ends the run at once: what comes after it proves nothing.
    await Promise.race([happening, failureOf(loading)]);
    const happened = await happening;
    const enough = (): boolean => journal.size >= (options.acked ?? 0);
    const describe = `${options.acked} acknowledged events`;
    await Promise.race([waitFor(enough, { timeoutMs: ENOUGH_MS, describe }), failureOf(loading)]);
    load.stop();
    await loading;
    const acked = journal.size;
    const compared = await compareAll(system, journal, load.sessions, watchers, stage);
    return {
      acked,
      faults: happened.faults,
      sources: compared.sources,
      recoveries: happened.recoveries ?? [],
      facts: [
        ['network between nodes', system.nats.network.kind],
        ['requests sent again', load.retried],
        ['most attempts of one', load.mostAttempts],
        ['exits nobody ordered', system.replicas.reduce((sum, { ownExits }) => sum + ownExits.length, 0)],
        ...(happened.facts ?? []),
      ],
      failures: [...(happened.failures ?? []), ...compared.failures],
    };
  } finally {
    await system.close();
  }
}

/** Never resolves. */
function failureOf(work: Promise<void>): Promise<never> {
  return new Promise((_, reject) => void work.catch(reject));
}
