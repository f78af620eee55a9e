import { backendVariables, serviceVariables, wholeNumber } from '@runcast/service-host';
import { z } from 'zod';

export const configSchema = z.object({
  ...serviceVariables,
  ...backendVariables,
  RUNCAST_LEASE_MS: wholeNumber({ min: 1_000, max: 300_000 })
    .default(10_000)
    .describe('After how long a silent projector may be replaced (milliseconds)'),
  RUNCAST_BATCH_ENTRIES: wholeNumber({ min: 1, max: 10_000 })
    .default(1_000)
    .describe('The most log records that go into the tables in one transaction'),
});

export type ProjectorConfig = Readonly<z.infer<typeof configSchema>>;
