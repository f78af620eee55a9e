import { DATABASE_VARIABLE, NATS_VARIABLE, type TestBackends } from './test-backends.ts';

export interface RunningBackends extends TestBackends {
  stop(): Promise<void>;
}

const SLOT = Symbol.for('runcast.test-backends');
const slot = globalThis as { [SLOT]?: RunningBackends | undefined };

/** Jest's global set-up: one nats-server and one Postgres for the whole run. */
export default async function startBackends(): Promise<void> {
  const backends = await start(process.env);
  slot[SLOT] = backends;
  process.env[NATS_VARIABLE] = backends.natsUrl;
  process.env[DATABASE_VARIABLE] = backends.databaseUrl;
}

/** For the global tear-down, which Jest may load as another copy of this module. */
export async function stopBackends(): Promise<void> {
  await slot[SLOT]?.stop();
  slot[SLOT] = undefined;
}

async function start(env: NodeJS.ProcessEnv): Promise<RunningBackends> {
  const backend = env.RUNCAST_TEST_BACKEND ?? 'embedded';
  switch (backend) {
    // Loaded only when asked for: testcontainers takes a second to load, and cannot be loaded by Node 20 at all.
    case 'containers':
      return (await import('./container-backends.ts')).startContainerBackends(env);
    case 'embedded':
      return (await import('./embedded-backends.ts')).startEmbeddedBackends(env);
    default:
      throw new Error(`RUNCAST_TEST_BACKEND is "${backend}"; expected "embedded" or "containers".`);
  }
}
