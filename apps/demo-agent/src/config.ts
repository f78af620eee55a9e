import { isId, ID_EXPECTED } from '@runcast/run-events';
import {
  backendVariables,
  loadConfig,
  loginIsWhole,
  natsLogin,
  natsVariables,
  secret,
  url,
  wholeNumber,
  type Environment,
} from '@runcast/service-host/config';
import { z } from 'zod';

export const demoVariables = {
  RUNCAST_URL: url('http', 'https').default('http://localhost:8080').describe('The ingest gateway'),
  RUNCAST_REALTIME_URL: url('http', 'https')
    .default('http://localhost:8081')
    .describe('The realtime gateway, where it reads the latest runs'),
  RUNCAST_API_KEY: secret(z.string().describe('The key to send and read with')),
  RUNCAST_DEMO_INTERVAL_MS: wholeNumber({ min: 0, max: 86_400_000 })
    .default(10_000)
    .describe('Pause between two runs (milliseconds)'),
  RUNCAST_DEMO_PATIENCE_MS: wholeNumber({ min: 0, max: 86_400_000 })
    .default(12_000)
    .describe(
      "How long a run waits for somebody to answer its question before the demo's operator does (milliseconds)",
    ),
  NATS_URL: backendVariables.NATS_URL.optional().describe(
    'Where commands for its agents come from; without it they are not served',
  ),
  ...natsVariables,
  RUNCAST_TENANT: z.string().refine(isId, `expected ${ID_EXPECTED}`).default('demo').describe('Whose agents they are'),
  RUNCAST_NAMESPACE: backendVariables.RUNCAST_NAMESPACE.describe('As in the services'),
};

const schema = z.object(demoVariables).refine(...loginIsWhole);

/** What the demo is told. @throws ConfigError naming all variables that cannot be used. */
export function readConfig(env: Environment) {
  const config = loadConfig(schema, env);
  const { NATS_URL: natsUrl, RUNCAST_NAMESPACE: namespace } = config;
  const serve = natsUrl && {
    natsUrl,
    tenant: config.RUNCAST_TENANT,
    login: natsLogin(config),
    ...(namespace !== undefined && { namespace }),
  };
  return Object.freeze({
    /** The ingest gateway. */
    url: withoutSlash(config.RUNCAST_URL),
    realtimeUrl: withoutSlash(config.RUNCAST_REALTIME_URL),
    apiKey: config.RUNCAST_API_KEY,
    /** The pause between two runs. With 0 the agent neither pauses nor pretends to think. */
    intervalMs: config.RUNCAST_DEMO_INTERVAL_MS,
    /** How long a run waits for somebody to answer its question before the demo answers it. */
    patienceMs: config.RUNCAST_DEMO_PATIENCE_MS,
    /** Where commands come from; without it the agents run on their own account only. */
    ...(serve && { serve }),
  });
}

export type DemoConfig = ReturnType<typeof readConfig>;

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}
