import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@runcast/test-harness';
import type { Deployment } from '../world/deployment.ts';
import type { Replica } from '../world/replica.ts';
import { pickBy, secondsSince, type Fault } from './fault.ts';

const TAKEOVER_MS = 60_000;
/** Longer than the lease of 10 s: another projector has taken over when it wakes. */
const BEYOND_LEASE_MS = 12_000;

type Kind = 'ingest' | 'projectors' | 'realtime';

export function killOne(kind: Kind): Fault {
  return async ({ system }, { chance }) => {
    const victim = pickBy(system[kind], chance);
    await victim.kill();
    await victim.whenReady();
  };
}

export function freezeOne(kind: Kind): Fault {
  return async ({ system }, { chance, lengthMs }) => freeze(pickBy(system[kind], chance), lengthMs);
}

/** The one that writes, longer than its lease: when it wakes in the middle of a transaction it must not be able to. */
export const freezeWritingProjector: Fault = async ({ system }, { lengthMs }) =>
  freeze(await writingProjector(system), BEYOND_LEASE_MS + lengthMs);

/** Measures until another one has moved the tables of that shard on. */
export function killProjectorOf(shard: number): Fault {
  return async ({ system }) => {
    const victim = await writingProjector(system, shard);
    const before = await system.postgres.projection(shard);
    const killed = performance.now();
    await victim.kill();
    const movedOn = async (): Promise<boolean> => {
      const { fence, sequence } = await system.postgres.projection(shard);
      return fence > before.fence && sequence > before.sequence;
    };
    await waitFor(movedOn, { timeoutMs: TAKEOVER_MS, describe: 'another projector writes' });
    return { name: 'projectorAfterKill', seconds: secondsSince(killed) };
  };
}

export const killWritingProjector = killProjectorOf(0);

/** One replica of each service at a time, in the orderly way, until all are new. */
export const rollingRestart: Fault = async ({ system }) => {
  const { ingest, projectors, realtime } = system;
  for (let turn = 0; turn < realtime.length; turn += 1) {
    const leaving = [ingest[turn], projectors[turn], realtime[turn]].filter((each) => each !== undefined);
    await Promise.all(leaving.map(replace));
  }
};

/** @throws {Error} when it does not end in the orderly way within its time. */
export async function replace(replica: Replica): Promise<void> {
  const { pid } = replica;
  const { code, signal } = await replica.terminate();
  if (code !== 0) throw new Error(`${replica.name} ended with ${code ?? signal} after SIGTERM`);
  await waitFor(() => replica.pid !== pid, { describe: `${replica.name} is started again` });
  await replica.whenReady();
}

export async function writingProjector(system: Deployment, shard = 0): Promise<Replica> {
  const writing = async (): Promise<Replica | undefined> => {
    const { holder } = await system.postgres.projection(shard);
    // One that was just killed still stands in the table.
    return system.projectors.find(({ isRunning, pid }) => isRunning && holder?.includes(`-${pid}-`));
  };
  return waitFor(writing, { timeoutMs: TAKEOVER_MS, describe: `a projector holds shard ${shard}` });
}

async function freeze(replica: Replica, lengthMs: number): Promise<void> {
  replica.freeze();
  try {
    await sleep(lengthMs);
  } finally {
    replica.thaw();
  }
  await replica.whenReady();
}
