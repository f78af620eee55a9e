import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Isolation } from '../world/cluster-network.ts';
import type { Deployment } from '../world/deployment.ts';
import type { NatsNode } from '../world/nats-node.ts';
import { pickBy, secondsSince, whenCut, type Fault } from './fault.ts';

const DOWN_MS = 1_000;

/** Measures until a gateway answers 202 to a request that was begun after the leader was gone. The load must be on that shard. */
export function killLeaderOf(shard: number): Fault {
  return async ({ system, load }) => {
    const leader = await system.nats.leader(shard);
    const killed = performance.now();
    const taken = load.nextTaken(killed);
    await leader.kill();
    const seconds = secondsSince(killed, await taken);
    await startAgain(system, leader);
    return { name: 'ingestAfterNatsLeaderKill', seconds };
  };
}

export const killLeader = killLeaderOf(0);

export const killFollower: Fault = async ({ system }, { chance }) => {
  const victim = await follower(system, chance);
  await victim.kill();
  await sleep(DOWN_MS);
  await startAgain(system, victim);
};

export const freezeNode: Fault = async ({ system }, { chance, lengthMs }) => {
  const victim = pickBy(system.nats.nodes, chance);
  victim.freeze();
  try {
    await sleep(lengthMs);
  } finally {
    victim.thaw();
  }
  await system.nats.whenHealthy();
};

/** `peers`: clients still reach a leader that has lost its quorum. */
export function partition(whom: 'leader' | 'any', from: Isolation): Fault {
  return async ({ system }, { chance, lengthMs }) => {
    const { nats } = system;
    const victim = whom === 'leader' ? await nats.leader() : pickBy(nats.nodes, chance);
    await nats.network.isolate(victim.index, from);
    try {
      await sleep(lengthMs);
    } finally {
      await nats.network.heal(victim.index);
    }
    await nats.whenHealthy();
  };
}

/**
 * Fills the small disk to the last byte. The server gives a stream up whose disk failed until it is restarted, so that
 * is what whoever made room again does.
 */
export const fillDisk: Fault = async ({ system }, { lengthMs }) => {
  const node = system.nats.smallDisk;
  if (node === undefined) throw new Error('no disk can be filled: this needs root');
  const ballast = join(node.storeDir, 'ballast');
  try {
    fill(node.storeDir, ballast);
    await sleep(lengthMs);
  } finally {
    rmSync(ballast, { force: true });
  }
  await node.kill();
  await startAgain(system, node);
};

/** In large pieces while they fit, and then to the last page: the server goes on writing meanwhile. */
function fill(disk: string, ballast: string): void {
  const file = openSync(ballast, 'w');
  try {
    const { bavail, bsize } = statfsSync(disk);
    execFileSync('fallocate', ['-l', String(Math.floor(bavail * bsize * 0.98)), ballast]);
    const page = Buffer.alloc(bsize);
    for (let offset = statSync(ballast).size; ; offset += bsize) writeSync(file, page, 0, bsize, offset);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

export const cutNats: Fault = ({ system }) => {
  for (const door of system.doors.nats) door.cut();
  return Promise.resolve();
};

export const cutNatsAtByte: Fault = ({ system }, { chance }) => {
  for (const door of system.doors.nats) door.cutAfterBytes(1 + Math.floor(chance * 20_000));
  return whenCut(system.doors.nats);
};

async function follower(system: Deployment, chance: number): Promise<NatsNode> {
  const leader = await system.nats.leader();
  return pickBy(
    system.nats.nodes.filter((node) => node !== leader),
    chance,
  );
}

async function startAgain(system: Deployment, node: NatsNode): Promise<void> {
  await node.start();
  await system.nats.whenHealthy();
}
