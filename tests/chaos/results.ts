import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { addUp, areNone, KINDS, type Differences } from './check/compare.ts';
import type { SourceVerdict } from './check/verdict.ts';
import { RECOVERY_LIMITS, type Recovery, type RecoveryName } from './faults/fault.ts';

/** The short form is a part of `npm test`: how long a recovery takes there also tells what else the machine is doing. */
const BESIDE_OTHERS = 3;

/** What one run of the suite found. */
export interface Findings {
  readonly acked: number;
  readonly faults: number;
  readonly sources: readonly SourceVerdict[];
  readonly recoveries: readonly Recovery[];
  /** Facts for the table: name and value. */
  readonly facts: readonly (readonly [string, string | number])[];
  /** Everything else that must not be, in sentences. */
  readonly failures: readonly string[];
  /** What happened, step by step: the names of the columns, then a row each. */
  readonly table?: readonly Row[];
}

/** Its first cell is its name. */
export type Row = readonly (string | number)[];

export type Outcome = Differences & {
  readonly mode: string;
  readonly seed: number;
  readonly acked: number;
  readonly faults: number;
  /** The longest of each, in seconds. */
  readonly recoveries: Partial<Record<RecoveryName, number>>;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly failures: readonly string[];
  readonly table: readonly Row[];
};

export function outcomeOf(mode: string, seed: number, findings: Findings): Outcome {
  const recoveries: Partial<Record<RecoveryName, number>> = {};
  for (const { name, seconds } of findings.recoveries) recoveries[name] = Math.max(recoveries[name] ?? 0, seconds);
  const allowed = mode === 'short' ? BESIDE_OTHERS : 1;
  const tooSlow = (Object.keys(recoveries) as RecoveryName[])
    .filter((name) => recoveries[name]! > allowed * RECOVERY_LIMITS[name])
    .map((name) => `${name} took ${recoveries[name]} s, promised are ${RECOVERY_LIMITS[name]} s`);
  return {
    mode,
    seed,
    acked: findings.acked,
    faults: findings.faults,
    ...addUp(findings.sources.map(({ differences }) => differences)),
    recoveries,
    facts: Object.fromEntries(findings.facts),
    failures: [...findings.failures, ...tooSlow],
    table: findings.table ?? [],
  };
}

/** Green: no event went wrong in any source, and nothing else did. */
export function isGreen(outcome: Outcome): boolean {
  return areNone(outcome) && outcome.failures.length === 0;
}

export function tableOf(outcome: Outcome, sources: readonly SourceVerdict[]): string {
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(30)}${cells.map((cell) => String(cell).padStart(12)).join('')}`;
  return [
    '',
    `  chaos ${outcome.mode}, seed ${outcome.seed}: ${outcome.acked} acknowledged, ${outcome.faults} faults`,
    '',
    row('source', ['feeds', 'events', ...KINDS]),
    ...sources.map(({ source, subjects, events, differences }) =>
      row(source, [subjects, events, ...KINDS.map((kind) => differences[kind])]),
    ),
    row('in all', ['', '', ...KINDS.map((kind) => outcome[kind])]),
    '',
    ...outcome.table.map(([name, ...cells]) => row(String(name), cells)),
    ...(outcome.table.length > 0 ? [''] : []),
    ...Object.entries(outcome.recoveries).map(
      ([name, seconds]) => `  ${name.padEnd(40)}${seconds} s (promised: ${RECOVERY_LIMITS[name as RecoveryName]} s)`,
    ),
    ...Object.entries(outcome.facts).map(([name, value]) => `  ${name.padEnd(40)}${value}`),
    ...sources.flatMap(({ examples }) => examples.map((example) => `  RED ${example}`)),
    ...outcome.failures.map((failure) => `  FAILED ${failure}`),
    '',
    `  ${isGreen(outcome) ? 'GREEN' : `RED: repeat with --seed ${outcome.seed}`}`,
    '',
  ].join('\n');
}

/** Whole or not at all: a reader never sees half a file. */
export function writeOutcome(file: string, outcome: Outcome): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify(outcome, undefined, 2)}\n`);
  renameSync(`${file}.part`, file);
}
