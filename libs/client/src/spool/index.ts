export { closeOnExit } from './close-on-exit.ts';
export { DiskSpool, type DiskSpoolOptions } from './disk-spool.ts';
