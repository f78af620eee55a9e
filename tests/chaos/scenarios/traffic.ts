import type { Journal } from '../load/journal.ts';
import { Producers, type LoadOptions } from '../load/producers.ts';
import { LiveWatchers, type LiveWatchersOptions } from '../watch/live-watchers.ts';
import type { Deployment } from '../world/deployment.ts';

export interface TrafficOptions {
  /** Of each tenant. */
  readonly load: Omit<LoadOptions, 'urls' | 'apiKey' | 'journal' | 'seed' | 'prefix'>;
  readonly watchers: Pick<LiveWatchersOptions, 'maxFeeds' | 'onShown'>;
  readonly clientsPerRun?: number;
}

/** What one tenant's agents send and its clients watch. */
export interface Traffic {
  readonly tenant: string;
  readonly apiKey: string;
  readonly load: Producers;
  readonly watchers: LiveWatchers;
}

/** One for each tenant of the system, all in one journal. Nothing flows before its producers run. */
export function trafficOf(system: Deployment, journal: Journal, firstSeed: number, options: TrafficOptions): Traffic[] {
  return [...system.apiKeys].map(([tenant, apiKey], index) => {
    const seed = firstSeed + index;
    const prefix = `${tenant}-`;
    const load = new Producers({ ...options.load, urls: system.ingestUrls, apiKey, journal, seed, prefix });
    const watchers = new LiveWatchers({ ...options.watchers, urls: system.watchUrls, apiKey, seed });
    load.onRun((plan) => watchers.watch(plan, options.clientsPerRun));
    return { tenant, apiKey, load, watchers };
  });
}
