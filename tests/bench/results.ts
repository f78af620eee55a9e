import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { median, ratio, spread, type Rounds } from './measure/in-turn.ts';

/** What a figure has to reach: of its value, or of its ratio to what it is measured against. */
export interface Target {
  readonly of: 'value' | 'ratio';
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Result {
  readonly figure: string;
  /** The median of the rounds. */
  readonly value: number;
  readonly unit: string;
  /** The peer or ceiling that was measured in the same rounds. */
  readonly against: string | null;
  /** The median of the rounds' own ratios. */
  readonly ratio: number | null;
  readonly target: string | null;
  /** null: nothing was promised. */
  readonly met: boolean | null;
  readonly rounds: readonly number[];
  /** (largest - smallest) / median of the rounds. */
  readonly spread: number;
}

export interface Measured {
  readonly figure: string;
  readonly unit: string;
  readonly values: readonly number[];
  readonly against?: { readonly name: string; readonly values: readonly number[] };
  readonly target?: Target;
}

export function resultOf({ figure, unit, values, against, target }: Measured): Result {
  const value = median(values);
  const times = against === undefined ? null : ratio(values, against.values);
  return {
    figure,
    value: rounded(value),
    unit,
    against: against?.name ?? null,
    ratio: times === null ? null : rounded(times),
    target: target === undefined ? null : targetText(target, unit),
    met: target === undefined ? null : isMet(target, target.of === 'value' ? value : times),
    rounds: values.map(rounded),
    spread: rounded(spread(values)),
  };
}

/** The subject beside each of the others, by their names in the rounds; those that were not measured are left out. */
export function resultsOf(
  rounds: Rounds,
  subject: Omit<Measured, 'values' | 'against' | 'target'> & { readonly name: string },
  others: readonly { readonly name: string; readonly target?: Target }[],
): Result[] {
  const values = rounds.get(subject.name)!;
  return others.flatMap(({ name, target }) => {
    const against = rounds.get(name);
    if (against === undefined) return [];
    return [resultOf({ ...subject, values, against: { name, values: against }, ...(target && { target }) })];
  });
}

function isMet({ atLeast = -Infinity, atMost = Infinity }: Target, reached: number | null): boolean {
  return reached !== null && reached >= atLeast && reached <= atMost;
}

function targetText({ of, atLeast, atMost }: Target, unit: string): string {
  const limit = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
  return of === 'ratio' ? `${limit} x` : `${limit} ${unit}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** One line for a terminal. */
export function lineOf(result: Result): string {
  const { figure, value, unit, against, ratio: times, target, met } = result;
  const beside = against === null ? '' : `${times} x ${against}`;
  const verdict = met === null ? '' : `${met ? 'met' : 'MISSED'} (${target})`;
  return `  ${figure.padEnd(48)} ${String(value).padStart(9)} ${unit.padEnd(14)} ${beside.padEnd(34)} ${verdict}`;
}

/** The same for people who read it elsewhere, with what it was measured on. */
export function markdownOf(results: readonly Result[], machine: Readonly<Record<string, string>>): string {
  const cells = (result: Result): (string | number)[] => [
    result.figure,
    `${result.value} ${result.unit}`,
    result.against ?? '',
    result.ratio ?? '',
    result.target ?? '',
    result.met === null ? '' : result.met ? 'met' : 'missed',
    `${Math.round(result.spread * 100)} %`,
  ];
  const row = (values: readonly (string | number)[]): string => `| ${values.join(' | ')} |`;
  return [
    '# The last benchmark',
    '',
    'Made by `npm run bench`; [docs/performance.md](../../docs/performance.md) says what the figures mean.',
    '',
    ...Object.entries(machine).map(([name, value]) => `- ${name}: ${value}`),
    '',
    row(['figure', 'value', 'against', 'ratio', 'target', '', 'spread']),
    row(['---', '---', '---', '---', '---', '---', '---']),
    ...results.map((result) => row(cells(result))),
    '',
  ].join('\n');
}

/** Whole or not at all: a reader never sees half a file. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}
