import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ExportChain, ExportCheck, type ExportVerdict } from './export-chain.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function exported(events: readonly string[]): string[] {
  const chain = new ExportChain(sha256);
  return [chain.header({ kind: 'run', id: 'r1' }), ...events.map((event) => chain.event(event)), chain.trailer()];
}

function verify(text: string): ExportVerdict {
  const check = new ExportCheck(sha256);
  const lines = text.split('\n');
  const endsWithLineFeed = lines.at(-1) === '';
  for (const line of endsWithLineFeed ? lines.slice(0, -1) : lines) check.take(line);
  return check.finish(endsWithLineFeed);
}

const events = fc.array(
  fc.json().filter((text) => !text.includes('\n')),
  { minLength: 1, maxLength: 8 },
);

describe('An export', () => {
  it('is whole as it was written, and its last hash stands for it', () => {
    fc.assert(
      fc.property(events, (given) => {
        const lines = exported(given);
        const chain = lines.at(-1)!.slice(10, 74);
        expect(verify(lines.join(''))).toEqual({ verdict: 'whole', events: given.length, chain });
      }),
    );
  });

  const mutations: Record<string, (lines: string[], at: number, other: number) => string> = {
    'one character changed': (lines, at, other) => {
      const line = lines[at]!;
      const place = other % (line.length - 1);
      const changed = line.slice(0, place) + (line[place] === 'x' ? 'y' : 'x') + line.slice(place + 1);
      return lines.with(at, changed).join('');
    },
    'a line dropped': (lines, at) => lines.toSpliced(at, 1).join(''),
    'two lines swapped': (lines, at) => {
      const next = at === lines.length - 1 ? at - 1 : at + 1;
      return lines.with(at, lines[next]!).with(next, lines[at]!).join('');
    },
    'a line repeated': (lines, at) => lines.toSpliced(at, 0, lines[at]!).join(''),
    'a line of another export put in': (lines, at) => lines.toSpliced(at, 0, exported(['{"other":1}'])[1]!).join(''),
    'a line appended': (lines) => `${lines.join('')}{}\n`,
    'an empty line appended': (lines) => `${lines.join('')}\n`,
    'a well-formed line appended behind the end': (lines) => {
      const rest = ',"event":{}}';
      return `${lines.join('')}{"chain":"${sha256(lines.at(-1)!.slice(10, 74) + rest)}"${rest}\n`;
    },
    'its end cut off': (lines, _at, other) => lines.join('').slice(0, -1 - (other % (lines.join('').length - 1))),
  };

  it.each(Object.entries(mutations))('with %s is found out', (_name, mutate) => {
    fc.assert(
      fc.property(events, fc.nat(), fc.nat(), (given, at, other) => {
        const lines = exported(given);
        expect(verify(mutate(lines, at % lines.length, other)).verdict).toBe('broken');
      }),
      { numRuns: 300 },
    );
  });
});
