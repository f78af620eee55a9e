export type Mode =
  | 'short'
  | 'full'
  | 'clients'
  | 'leader-kills'
  | 'projector-kills'
  | 'slow-readers'
  | 'rolling'
  | 'fsync'
  | 'recreated-stream'
  | 'scale';

export interface Options {
  readonly mode: Mode;
  readonly seed: number;
  /** Keeps the folder with all logs, also of a green run. */
  readonly keep: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run chaos -- [mode] [--seed N] [--keep]

  (none)               >= 300,000 acknowledged events over >= 50 faults
  --short              >= 20,000 over >= 8, under 90 seconds; runs inside npm test
  --clients            500 clients that are cut at random, a gateway and the NATS leader killed
  --leader-kills       10 kills of the NATS leader, and how much of each gap is the election
  --projector-kills    >= 100 kills, frozen projectors that wake, two fighting for the shard
  --slow-readers       100 clients that never read beside 400 that do
  --rolling            20 rolling restarts of everything under load
  --fsync              every acknowledgement is on the disks of a quorum; the default sync_interval must be caught
  --recreated-stream   the stream is deleted and made anew behind everybody's back
  --scale              several of everything on two shards, one of each killed: npm run scale-demo
`;

const MODES: readonly Mode[] = [
  'short',
  'clients',
  'leader-kills',
  'projector-kills',
  'slow-readers',
  'rolling',
  'fsync',
  'recreated-stream',
  'scale',
];

/** @throws {Error} naming the argument that is not understood. */
export function readOptions(args: readonly string[], randomSeed: () => number): Options {
  let mode: Mode = 'full';
  let seed: number | undefined;
  let keep = false;
  const left = [...args];
  for (let argument = left.shift(); argument !== undefined; argument = left.shift()) {
    const named = MODES.find((each) => argument === `--${each}`);
    if (argument === '--help') return { mode, seed: 0, keep, help: true };
    if (argument === '--keep') keep = true;
    else if (argument === '--seed') seed = readSeed(left.shift());
    else if (named === undefined) throw new Error(`${argument} is not understood.\n${USAGE}`);
    else if (mode !== 'full') throw new Error(`--${mode} and ${argument} cannot be had at once.`);
    else mode = named;
  }
  return { mode, seed: seed ?? randomSeed(), keep, help: false };
}

function readSeed(text: string | undefined): number {
  if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text);
  throw new Error('--seed: expected a whole number of at most 9 digits');
}
