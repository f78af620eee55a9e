import { waitFor, type TcpProxy } from '@runcast/test-harness';
import type { Producers } from '../load/producers.ts';
import type { PlannedFault } from '../schedule.ts';
import type { Deployment } from '../world/deployment.ts';

/** What a fault may reach for. */
export interface Target {
  readonly system: Deployment;
  readonly load: Producers;
}

/** How long something took to work again, and the promise about it. */
export interface Recovery {
  readonly name: RecoveryName;
  readonly seconds: number;
}

/** Each with the longest time that is promised, in seconds. */
export const RECOVERY_LIMITS = {
  ingestAfterNatsLeaderKill: 10,
  projectorAfterKill: 17,
  projectorAfterPostgres: 5,
} as const;

export type RecoveryName = keyof typeof RECOVERY_LIMITS;

/** Breaks something and mends it again. Resolves when what it touched may be broken anew. */
export type Fault = (target: Target, plan: PlannedFault) => Promise<Recovery | void>;

const CUT_MS = 30_000;

/** Resolves when the cuts that these proxies were asked for have happened: one that never does is no fault. */
export async function whenCut(doors: readonly TcpProxy[]): Promise<void> {
  const happened = (): boolean => doors.some((door) => !door.armed());
  await waitFor(happened, { timeoutMs: CUT_MS, describe: 'a connection that reaches the place to be cut at' });
}

export function pickBy<T>(list: readonly T[], chance: number): T {
  return list[Math.floor(chance * list.length)]!;
}

export function secondsSince(begun: number, ended = performance.now()): number {
  return Math.round((ended - begun) / 10) / 100;
}
