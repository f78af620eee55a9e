import { describe, expect, it } from '@jest/globals';
import { anchorOf } from './anchor.ts';
import { SampleLog } from './sample-log.ts';

describe('anchorOf', () => {
  const of = (log: SampleLog) => anchorOf(log.entries[0]!);
  const plain = new SampleLog().event('r1', 'a', { text: 'x' });

  it('is the same for the same record, wherever it was read', () => {
    expect(of(plain)).toBe(of(new SampleLog(0, 'e2').event('r1', 'a', { text: 'x' })));
  });

  it('differs with what a record says, whose it is and when it was stored', () => {
    const others = [
      new SampleLog().event('r1', 'a', { text: 'y' }),
      new SampleLog().event('r2', 'a', { text: 'x' }),
      new SampleLog().event('r1', 'a', { text: 'x' }, { id: 'other' }),
      new SampleLog().event('r1', 'a', { text: 'x' }, { receivedAt: '2026-11-22T00:00:00.000000Z' }),
      new SampleLog().link('r1', 's1'),
      new SampleLog().unreadable('x'),
    ];
    expect(new Set([plain, ...others].map(of)).size).toBe(others.length + 1);
  });

  it('cannot be kept by moving text from one part to the next', () => {
    expect(of(new SampleLog().link('ab', 'c'))).not.toBe(of(new SampleLog().link('b', 'ca')));
  });
});
