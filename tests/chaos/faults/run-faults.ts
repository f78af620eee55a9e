import { setTimeout as sleep } from 'node:timers/promises';
import { FAULT_KINDS, type Domain, type PlannedFault } from '../schedule.ts';
import { FAULTS } from './all-faults.ts';
import type { Recovery, Target } from './fault.ts';

export interface FaultsReport {
  readonly done: number;
  readonly recoveries: readonly Recovery[];
  /** Faults after which something did not come back. */
  readonly failures: readonly string[];
}

/**
 * Runs the faults in their order. Each waits for its pause and until nothing else is at what it touches; those that
 * touch different things overlap.
 */
export async function runFaults(
  faults: readonly PlannedFault[],
  target: Target,
  report: (line: string) => void,
): Promise<FaultsReport> {
  const busy = new Map<Domain, Promise<void>>();
  const recoveries: Recovery[] = [];
  const failures: string[] = [];
  let done = 0;
  for (const plan of faults) {
    const touches: readonly Domain[] = FAULT_KINDS[plan.kind];
    await Promise.all(touches.map((domain) => busy.get(domain) ?? Promise.resolve()));
    await sleep(plan.pauseMs);
    const begun = performance.now();
    const happening = FAULTS[plan.kind](target, plan).then(
      (recovery) => {
        done += 1;
        if (recovery) recoveries.push(recovery);
        const took = ((performance.now() - begun) / 1_000).toFixed(1);
        report(`${plan.kind}: ${took} s${recovery ? `, ${recovery.name} ${recovery.seconds} s` : ''}`);
      },
      (error: unknown) => {
        failures.push(`${plan.kind}: ${(error as Error).message}`);
        report(`${plan.kind} FAILED: ${(error as Error).message}`);
      },
    );
    for (const domain of touches) busy.set(domain, happening);
  }
  await Promise.all(busy.values());
  return { done, recoveries, failures };
}
