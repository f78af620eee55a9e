import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { PROBLEM_CODES, PROBLEMS } from './problem-codes.ts';

const ROW = /^\| <a id="(\w+)"><\/a>`(\w+)` +\| (\d+) +\| (\w+) +\|/gm;

function documented(page: string) {
  return [...page.matchAll(ROW)].map(([, anchor, code, status, retry]) => ({
    anchor,
    code,
    status: Number(status),
    retry,
  }));
}

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const known = PROBLEM_CODES.map((code) => ({
    anchor: code,
    code,
    status: PROBLEMS[code].status,
    retry: PROBLEMS[code].retry,
  }));

  it('lists exactly the codes that exist, with their status and whether retry helps', () => {
    expect(documented(page)).toEqual(known);
  });

  it('would be found out for one wrong status', () => {
    expect(documented(page.replace('| 409 |', '| 410 |'))).not.toEqual(known);
  });
});
