import { EventLog } from '@runcast/event-log';
import { timestampFromMs, type RunEvent } from '@runcast/run-events';
import { NO_DIFFERENCES } from '../check/compare.ts';
import { syncedByQuorum } from '../check/synced.ts';
import { createLog } from '../world/log.ts';
import { NatsCluster } from '../world/nats-cluster.ts';
import { canTrace, traceSyncs } from '../world/trace-syncs.ts';
import type { Scenario, Stage } from './scenario.ts';

const EVENTS = 100;

interface Measured {
  readonly how: string;
  readonly synced: boolean;
  readonly detail: string;
}

/** kill -9 cannot show a missing fsync, because the page cache survives it: so they are counted. */
export const syncedAcks: Scenario = async (stage) => {
  const always = await measure(stage, true);
  stage.report(`sync_interval always: ${always.detail}`);
  const control = await measure(stage, false);
  stage.report(`control, the default sync_interval: ${control.detail}`);
  return {
    acked: 2 * EVENTS,
    faults: 1,
    sources: [{ source: 'log', subjects: 2, events: 2 * EVENTS, differences: NO_DIFFERENCES, examples: [] }],
    recoveries: [],
    facts: [
      ['told by', always.how],
      ['sync_interval always', always.detail],
      ['control: default', control.detail],
    ],
    failures: [
      ...(always.synced ? [] : [`acknowledged events were not synced by a quorum: ${always.detail}`]),
      ...(control.synced ? ['the check does not notice the default sync_interval'] : []),
    ],
  };
};

async function measure({ folder, env }: Stage, syncAlways: boolean): Promise<Measured> {
  const store = syncAlways ? 'nats-always' : 'nats-default';
  // A small disk in memory would be as good as another for counting, but nothing is to be said against the real one.
  const cluster = await NatsCluster.start({ folder, env, syncAlways, store, smallDisk: false });
  try {
    await createLog(cluster.urls);
    if (!canTrace(env)) return await declared(cluster);
    const traces = await Promise.all(
      cluster.nodes.map(({ pid, name }) => traceSyncs(pid, folder.file(`${store}-${name}.strace`), folder)),
    );
    await appendOneByOne(cluster.urls);
    const syncs = await Promise.all(traces.map((stop) => stop()));
    return {
      how: 'strace',
      synced: syncedByQuorum(EVENTS, syncs),
      detail: `${EVENTS} acknowledged one by one, the nodes synced ${syncs.join(', ')} times`,
    };
  } finally {
    await cluster.close();
  }
}

async function appendOneByOne(servers: string): Promise<void> {
  const log = await EventLog.connect({ servers, clientName: 'chaos', shards: 1 });
  try {
    for (let index = 0; index < EVENTS; index += 1) await log.append([event(index)]);
  } finally {
    await log.close();
  }
}

function event(index: number): RunEvent {
  return {
    tenant: 'chaos',
    run: 'synced',
    id: `e${index}`,
    type: 'step.started',
    level: 'info',
    dialect: 'runcast',
    occurredAt: timestampFromMs(Date.now()),
    data: { step: `${index}` },
    raw: `{"step":"${index}"}`,
  };
}

/** Where nothing can be traced: what each server says of its own configuration. */
async function declared(cluster: NatsCluster): Promise<Measured> {
  const answers = await Promise.all(cluster.nodes.map((node) => node.ask('/jsz')));
  const always = answers.map(
    (answer) => (answer as { config?: { sync_always?: boolean } }).config?.sync_always === true,
  );
  return {
    how: 'the configuration (no strace here)',
    synced: always.every(Boolean),
    detail: `sync_always: ${always.join(', ')}`,
  };
}
