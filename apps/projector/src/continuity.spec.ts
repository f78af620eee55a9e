import { describe, expect, it } from '@jest/globals';
import { anchorOf, type Claim, type LogEntry } from '@runcast/read-models';
import { assertSameStream, withoutAnchor } from './continuity.ts';

function link(sequence: number, run = 'r1'): LogEntry {
  return { kind: 'link', link: { tenant: 'acme', session: 's1', run, position: { shard: 0, epoch: 'e1', sequence } } };
}

const claim: Claim = {
  shard: 0,
  holder: 'one',
  leaseMs: 1_000,
  fence: 1,
  epoch: 'e1',
  sequence: 10,
  anchor: anchorOf(link(10)),
};

describe('The stream is the one that was known', () => {
  it.each([
    ['reaches further', { epoch: 'e1', firstSequence: 1, lastSequence: 20 }],
    ['ends where the tables end', { epoch: 'e1', firstSequence: 1, lastSequence: 10 }],
    ['has been trimmed up to the tables and no further', { epoch: 'e1', firstSequence: 11, lastSequence: 10 }],
  ])('when it %s', (_name, stream) => {
    expect(() => assertSameStream(claim, stream)).not.toThrow();
  });

  it('when the tables are empty, whatever it is', () => {
    const empty = { ...claim, epoch: undefined, sequence: 0, anchor: undefined };
    expect(() => assertSameStream(empty, { epoch: 'e9', firstSequence: 50, lastSequence: 60 })).not.toThrow();
  });
});

describe('The stream is refused', () => {
  it.each([
    ['it has another epoch', /epoch is e2/, { epoch: 'e2', firstSequence: 1, lastSequence: 20 }],
    ['it ends before the tables', /ends at 9/, { epoch: 'e1', firstSequence: 1, lastSequence: 9 }],
    ['what follows the tables is gone', /begins at 12/, { epoch: 'e1', firstSequence: 12, lastSequence: 20 }],
  ])('when %s', (_name, reason, stream) => {
    expect(() => assertSameStream(claim, stream)).toThrow(reason);
  });

  it('when another record stands where the tables end', () => {
    expect(() => withoutAnchor(claim, [link(10, 'other'), link(11)])).toThrow(/record at 10/);
  });
});

describe('A first batch', () => {
  it('loses its anchor and keeps the rest', () => {
    expect(withoutAnchor(claim, [link(10), link(11)])).toEqual([link(11)]);
    expect(withoutAnchor(claim, [link(10)])).toEqual([]);
  });

  it('is taken whole when the anchor has been erased', () => {
    expect(withoutAnchor(claim, [link(11), link(12)])).toEqual([link(11), link(12)]);
  });
});
