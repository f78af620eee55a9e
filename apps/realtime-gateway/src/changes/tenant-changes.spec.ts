import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TenantChanges, type Change } from './tenant-changes.ts';

let told: Change[];
let record: (run: string, sequence: number) => void;
let miss: () => void;
let waitedFor: string[];
let readRuns: (runs: readonly string[]) => Promise<string>;
let changes: TenantChanges;

beforeEach(() => {
  jest.useFakeTimers();
  [told, waitedFor] = [[], []];
  readRuns = (runs) => Promise.resolve(runs.join());
  const shard = {
    number: 0,
    epoch: 'e',
    watchRuns: (_tenant: string, onRecord: typeof record) => {
      record = onRecord;
      return { established: Promise.resolve(), stop: () => undefined };
    },
    onMissed: (listener: () => void) => {
      miss = listener;
      return () => undefined;
    },
  };
  const source = {
    shard,
    whenProjected: (position: string) => Promise.resolve(void waitedFor.push(position)),
    readRuns: (runs: readonly string[]) => readRuns(runs),
  };
  changes = new TenantChanges(source, 'acme');
  changes.listen((change) => told.push(change));
});
afterEach(() => {
  changes.close();
  jest.useRealTimers();
});

describe('TenantChanges', () => {
  it('gathers for a moment, waits for the tables and reads each run once', async () => {
    for (const [index, run] of ['a', 'b', 'a'].entries()) record(run, index + 1);
    expect(told).toEqual([]);
    await jest.advanceTimersByTimeAsync(250);
    expect([told, waitedFor]).toEqual([[{ kind: 'runs', text: 'a,b' }], ['0.e.3']]);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(told).toHaveLength(1);
  });

  it('reads nothing while it reads, and tells afterwards what came meanwhile', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    readRuns = () => promise;
    record('a', 1);
    await jest.advanceTimersByTimeAsync(250);
    record('b', 2);
    await jest.advanceTimersByTimeAsync(1_000);
    readRuns = (runs) => Promise.resolve(runs.join());
    resolve('first');
    await jest.advanceTimersByTimeAsync(250);
    expect(told).toEqual([
      { kind: 'runs', text: 'first' },
      { kind: 'runs', text: 'b' },
    ]);
  });

  it.each<[string, () => void]>([
    [
      'more runs change at once than a list shows',
      () => Array.from({ length: 201 }, (_, index) => record(`r${index}`, 1)),
    ],
    ['messages may have been missed', () => miss()],
    [
      'the tables cannot be read',
      () => {
        readRuns = () => Promise.reject(new Error('away'));
        record('a', 1);
      },
    ],
  ])('says to read anew when %s', async (_what, happen) => {
    happen();
    await jest.advanceTimersByTimeAsync(250);
    expect(told).toEqual([{ kind: 'many' }]);
    readRuns = (runs) => Promise.resolve(runs.join());
    record('b', 9);
    await jest.advanceTimersByTimeAsync(250);
    expect(told.at(-1)).toEqual({ kind: 'runs', text: 'b' });
  });
});
