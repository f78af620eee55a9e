/** The calls that put a file on the disk. */
const SYNC = /\b(?:fsync|fdatasync|sync_file_range|msync)\(/;

/** How many of them a trace of system calls shows as begun. */
export function countSyncs(trace: string): number {
  return trace.split('\n').filter((line) => SYNC.test(line) && !line.includes('resumed>')).length;
}

/**
 * Whether each of `acknowledged` events, appended one after the other, can have been on the disks of a quorum when it
 * was acknowledged: a quorum of nodes must have synced at least once for each.
 */
export function syncedByQuorum(acknowledged: number, syncsOfNodes: readonly number[]): boolean {
  const quorum = Math.floor(syncsOfNodes.length / 2) + 1;
  return syncsOfNodes.filter((syncs) => syncs >= acknowledged).length >= quorum;
}
