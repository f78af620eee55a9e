import {
  accessVariables,
  backendVariables,
  limitVariables,
  loginIsWhole,
  serviceVariables,
  wholeNumber,
  withAccessRules,
} from '@runcast/service-host/config';
import { z } from 'zod';

export const ingestVariables = {
  RUNCAST_AGENT_OS_RATE_PER_MINUTE: wholeNumber({ min: 0, max: 10_000_000 })
    .default(200)
    .describe('Requests per minute and key that POST /api/ingest takes, on all replicas together; 0 takes any number'),
};

export const configSchema = withAccessRules(
  z.object({ ...serviceVariables, ...backendVariables, ...accessVariables, ...limitVariables, ...ingestVariables }),
).refine(...loginIsWhole);

export type IngestConfig = Readonly<z.infer<typeof configSchema>>;
