import type { Findings } from '../results.ts';
import type { Scenario } from './scenario.ts';

/** A scenario in a row of others, and the word that tells what it found from what they did. */
export interface Part {
  readonly name: string;
  readonly scenario: Scenario;
}

/** Several scenarios as one, each on a system of its own. Acknowledged events and faults are those of the first. */
export function oneAfterTheOther(first: Scenario, ...others: readonly Part[]): Scenario {
  return async (stage) => {
    let all = await first(stage);
    for (const { name, scenario } of others) {
      stage.report(`now: ${name}`);
      all = joined(all, name, await scenario({ ...stage, folder: stage.folder.within(name) }));
    }
    return all;
  };
}

function joined(all: Findings, name: string, next: Findings): Findings {
  return {
    ...all,
    sources: [...all.sources, ...next.sources.map((each) => ({ ...each, source: `${name}: ${each.source}` }))],
    recoveries: [...all.recoveries, ...next.recoveries],
    facts: [...all.facts, ...next.facts.map(([fact, value]) => [`${name}: ${fact}`, value] as const)],
    failures: [...all.failures, ...next.failures.map((failure) => `${name}: ${failure}`)],
  };
}
