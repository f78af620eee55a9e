import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import type { RunningBackends } from './global-setup.ts';

const NATS_IMAGE = 'nats:2.15.1';
const POSTGRES_IMAGE = 'postgres:18.4';
const PASSWORD = 'runcast-test';

/** The same two servers as containers, for machines and pipelines that have Docker. Images can be named by variable. */
export async function startContainerBackends(env: NodeJS.ProcessEnv): Promise<RunningBackends> {
  const [nats, postgres] = await Promise.all([
    startNats(env.RUNCAST_TEST_NATS_IMAGE ?? NATS_IMAGE),
    startPostgres(env.RUNCAST_TEST_POSTGRES_IMAGE ?? POSTGRES_IMAGE),
  ]);
  return {
    natsUrl: `nats://${nats.getHost()}:${nats.getMappedPort(4222)}`,
    databaseUrl: `postgres://postgres:${PASSWORD}@${postgres.getHost()}:${postgres.getMappedPort(5432)}/runcast`,
    async stop() {
      await Promise.all([nats.stop(), postgres.stop()]);
    },
  };
}

async function startNats(image: string): Promise<StartedTestContainer> {
  const configuration =
    'max_payload: 4MB\njetstream { store_dir: /tmp/jetstream, sync_interval: always, max_file_store: 8TB, max_memory_store: 8TB }\n';
  return new GenericContainer(image)
    .withCopyContentToContainer([{ content: configuration, target: '/etc/runcast-nats.conf' }])
    .withCommand(['-c', '/etc/runcast-nats.conf'])
    .withExposedPorts(4222)
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .start();
}

async function startPostgres(image: string): Promise<StartedTestContainer> {
  return (
    new GenericContainer(image)
      .withEnvironment({ POSTGRES_PASSWORD: PASSWORD, POSTGRES_DB: 'runcast' })
      .withCommand(['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=200'])
      .withExposedPorts(5432)
      // The image starts Postgres twice: first for its own set-up, then for us.
      .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
      .start()
  );
}
