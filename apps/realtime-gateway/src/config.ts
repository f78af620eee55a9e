import {
  accessVariables,
  backendVariables,
  limitVariables,
  loginIsWhole,
  serviceVariables,
  secret,
  wholeNumber,
  withAccessRules,
  type Environment,
} from '@runcast/service-host/config';
import { z } from 'zod';

export const realtimeVariables = {
  RUNCAST_SIGNING_KEY: secret(
    z
      .string()
      .regex(/^[0-9a-fA-F]{64,}$/, 'expected at least 64 hexadecimal digits')
      .describe('Signs page keys; the same in every replica'),
  ),
  RUNCAST_HEARTBEAT_MS: wholeNumber({ min: 100, max: 300_000 })
    .default(15_000)
    .describe('Interval of SSE comments and WebSocket pings (milliseconds)'),
  RUNCAST_STALL_MS: wholeNumber({ min: 100, max: 3_600_000 })
    .default(60_000)
    .describe('How long a client may take nothing before it is disconnected (milliseconds)'),
  RUNCAST_TAIL_CHECK_MS: wholeNumber({ min: 50, max: 60_000 })
    .default(1_000)
    .describe('How often the log is asked whether the last event of a watched feed was missed (milliseconds)'),
  RUNCAST_LIVE_SESSION_MS: wholeNumber({ min: 1_000, max: 86_400_000 })
    .default(300_000)
    .describe('After how long GET /api/v1/sessions/:executionId/live is closed, as its vendor does (milliseconds)'),
  RUNCAST_ANSWER_MS: wholeNumber({ min: 1_000, max: 3_600_000 })
    .default(300_000)
    .describe('How long a request that is answered at the end of a run waits for it (milliseconds)'),
  RUNCAST_DRAIN_SPREAD_MS: wholeNumber({ min: 0, max: 60_000 })
    .default(5_000)
    .describe('Over how long live connections are sent away at shutdown (milliseconds)'),
};

export const schema = withAccessRules(
  z.object({ ...serviceVariables, ...backendVariables, ...accessVariables, ...limitVariables, ...realtimeVariables }),
).refine(...loginIsWhole);

export type Config = Readonly<z.infer<typeof schema>>;
export type { Environment };
