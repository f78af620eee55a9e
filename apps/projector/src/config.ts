import { backendVariables, loginIsWhole, serviceVariables, wholeNumber } from '@runcast/service-host/config';
import { z } from 'zod';

export const projectorVariables = {
  RUNCAST_LEASE_MS: wholeNumber({ min: 1_000, max: 300_000 })
    .default(10_000)
    .describe('After how long a silent projector may be replaced (milliseconds)'),
  RUNCAST_BATCH_ENTRIES: wholeNumber({ min: 1, max: 10_000 })
    .default(1_000)
    .describe('The most log records that go into the tables in one transaction'),
  RUNCAST_IDLE_LIMIT_MS: wholeNumber({ min: 1_000, max: 31_536_000_000 })
    .default(900_000)
    .describe('After how much silence a running run is given up as stale (milliseconds); agents may have their own'),
  RUNCAST_WAITING_LIMIT_MS: wholeNumber({ min: 1_000, max: 31_536_000_000 })
    .default(86_400_000)
    .describe('The same for a run that waits for a human (milliseconds)'),
  RUNCAST_SILENCE_ALLOWANCE_MS: wholeNumber({ min: 0, max: 86_400_000 })
    .default(900_000)
    .describe('How much silence of a whole shard, such as an outage, is not held against a run (milliseconds)'),
  RUNCAST_SWEEP_MS: wholeNumber({ min: 100, max: 3_600_000 })
    .default(15_000)
    .describe('How often silent runs are looked for (milliseconds)'),
  RUNCAST_TIDY_MS: wholeNumber({ min: 100, max: 3_600_000 })
    .default(2_000)
    .describe(
      'How often runs are looked for that are to be erased, or have been kept for as long as their tenant asked',
    ),
};

export const configSchema = z
  .object({ ...serviceVariables, ...backendVariables, ...projectorVariables })
  .refine(...loginIsWhole);

export type ProjectorConfig = Readonly<z.infer<typeof configSchema>>;
