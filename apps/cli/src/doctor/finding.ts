/** What one look at an installation has shown. */
export interface Finding {
  /** What was looked at, e.g. `Postgres`. */
  readonly about: string;
  readonly isWell: boolean;
  /** What was found. */
  readonly found: string;
  /** What to do about it; absent where all is well. */
  readonly remedy?: string;
}

export function well(about: string, found: string): Finding {
  return { about, isWell: true, found };
}

export function ill(about: string, found: string, remedy: string): Finding {
  return { about, isWell: false, found, remedy };
}

/** One line a finding, and one for what to do. */
export function findingLines(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ about }) => about.length));
  return findings.flatMap(({ about, isWell, found, remedy }) => [
    `${isWell ? 'ok   ' : 'FAULT'}  ${about.padEnd(width)}  ${found}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(7 + width)}  → ${remedy}`]),
  ]);
}
