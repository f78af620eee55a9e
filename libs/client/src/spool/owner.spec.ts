import { describe, expect, it } from '@jest/globals';
import { folderName, isOrphan, isRunning, ownerOf, thisProcess, type SpoolOwner } from './owner.ts';

const self: SpoolOwner = { host: 'pod-1', pid: 7, startedMs: 100_000, random: 'a' };
const minutes = (count: number) => count * 60_000;
const nobodyRuns = () => false;
const everybodyRuns = () => true;

describe('A folder of a spool', () => {
  it('says in its name whose it is', () => {
    const owner = thisProcess('0f-1');
    expect(ownerOf(folderName(owner))).toEqual(owner);
    expect(ownerOf('lost+found')).toBeUndefined();
  });

  it.each<[string, boolean, Partial<SpoolOwner>, number, (pid: number) => boolean]>([
    ['of a living process of this host', false, { pid: 8 }, 0, everybodyRuns],
    ['of a dead process of this host', true, { pid: 8 }, 0, nobodyRuns],
    ['that was closed', true, { pid: 0 }, 0, everybodyRuns],
    ['of another thread of this process', false, {}, 0, everybodyRuns],
    ['of the process that had our number before a restart', true, { startedMs: 1 }, 0, everybodyRuns],
    ['of another host that was heard of lately', false, { host: 'pod-2', pid: 8 }, minutes(9), nobodyRuns],
    ['of another host that has been silent for long', true, { host: 'pod-2' }, minutes(11), everybodyRuns],
    ['whose number belongs to another program by now', true, { pid: 8 }, minutes(11), everybodyRuns],
  ])('%s: orphaned is %j', (_what, orphaned, owner, silentMs, running) => {
    expect(isOrphan({ ...self, random: 'b', ...owner }, self, silentMs, running)).toBe(orphaned);
  });

  it('is asked of the real process table', () => {
    expect([isRunning(process.pid), isRunning(2 ** 22 + 1)]).toEqual([true, false]);
  });
});
