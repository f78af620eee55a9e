export const FIGURES = [
  'ingest',
  'project',
  'fanout',
  'latency',
  'replay',
  'idle',
  'rest',
  'scaling',
  'growth',
] as const;
export type FigureName = (typeof FIGURES)[number];

export interface Options {
  readonly figures: readonly FigureName[];
  /** Fewer and shorter rounds: for looking, not for quoting. */
  readonly quick: boolean;
  /** Where the services write CPU profiles. What they cost makes the figures worthless. */
  readonly profile: string | undefined;
  readonly help: boolean;
}

export const USAGE = `npm run bench -- [figure…] [--quick] [--profile <folder>]

  (none)     all of them, in about a quarter of an hour
  ingest     one gateway: batches and single events with durable acks, beside the bare NATS client and bare HTTP
  project    one shard into the tables, beside bare unnest and bare COPY
  fanout     1,000 clients on one run, spaced and in bursts, beside nchan and a bare broadcast
  latency    from POST to 1,000 clients at 50 events/s, beside nchan
  replay     a run of 10,000 events; 1,000 clients that resume at once
  idle       memory of a connected client
  rest       start-up time and memory of each service
  scaling    one gateway and two, one shard and two
  growth     what stored runs and watched runs cost

  --quick    fewer and shorter rounds
  --profile  the services write CPU profiles into the folder, and their tops are printed
`;

/** @throws {Error} naming the argument that is not understood. */
export function readOptions(args: readonly string[]): Options {
  const figures: FigureName[] = [];
  let quick = false;
  let help = false;
  let profile: string | undefined;
  const left = [...args];
  for (let argument = left.shift(); argument !== undefined; argument = left.shift()) {
    const figure = FIGURES.find((name) => name === argument);
    if (figure !== undefined) figures.push(figure);
    else if (argument === '--quick') quick = true;
    else if (argument === '--help') help = true;
    else if (argument === '--profile') profile = left.shift() ?? fail('--profile: expected a folder');
    else fail(`${argument} is not understood.\n${USAGE}`);
  }
  return { figures: figures.length === 0 ? FIGURES : figures, quick, profile, help };
}

function fail(message: string): never {
  throw new Error(message);
}
