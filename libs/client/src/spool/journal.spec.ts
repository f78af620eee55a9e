import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Parcel } from '../sending/outgoing.ts';
import { Journal, readJournal } from './journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runcast-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const parcel = (ordinal: number, text = `{"n":${ordinal},"s":"\\n ü"}`): Parcel => ({
  ordinal,
  door: 'events',
  id: `e${ordinal}`,
  run: 'r',
  type: 't',
  text,
});
const files = (): string[] => readdirSync(folder).sort();

describe('Journal', () => {
  it('holds exactly what was kept and not forgotten, in order, whenever the process dies', () => {
    const step = fc.oneof(
      fc.record({ keep: fc.integer({ min: 0, max: 400_000 }) }),
      fc.record({ forget: fc.nat(5), from: fc.constantFrom('front', 'middle') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        rmSync(folder, { recursive: true });
        folder = mkdtempSync(join(tmpdir(), 'runcast-journal-'));
        const journal = new Journal(folder);
        let waiting: Parcel[] = [];
        for (const [index, each] of steps.entries()) {
          if ('keep' in each) {
            waiting.push(parcel(index, 'x'.repeat(each.keep)));
            journal.keep(waiting.at(-1)!);
          } else {
            const from = each.from === 'front' ? 0 : 1;
            const gone = waiting.slice(from, from + each.forget);
            waiting = waiting.filter((one) => !gone.includes(one));
            journal.forget(gone);
          }
          // Nothing is closed and nothing is flushed: this is what a killed process leaves.
          expect(readJournal(folder)).toEqual(waiting);
        }
        journal.close();
      }),
      { numRuns: 30 },
    );
  });

  it('is an empty file once nothing waits', () => {
    const journal = new Journal(folder);
    for (let ordinal = 1; ordinal <= 5; ordinal += 1) journal.keep(parcel(ordinal, 'x'.repeat(500_000)));
    expect(files()).toHaveLength(2);
    journal.forget([1, 2, 3, 4, 5].map((ordinal) => parcel(ordinal)));
    expect(files().map((file) => statSync(join(folder, file)).size)).toEqual([0]);
    journal.close();
  });

  it.each([
    ['an event that was cut off in the middle', (path: string) => truncateSync(path, statSync(path).size - 5), [1]],
    ['garbage at its end', (path: string) => appendFileSync(path, '{"ordinal":9,"do'), [1, 2]],
  ])('is read up to %s', (_what, damage, expected) => {
    const journal = new Journal(folder);
    journal.keep(parcel(1));
    journal.keep(parcel(2));
    damage(join(folder, files()[0]!));
    expect(readJournal(folder).map(({ ordinal }) => ordinal)).toEqual(expected);
    journal.close();
  });
});
