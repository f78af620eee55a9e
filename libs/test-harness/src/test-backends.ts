/** The servers that the whole Jest run shares. A spec takes its own database and its own namespace of them. */
export interface TestBackends {
  readonly natsUrl: string;
  /** May create databases. Specs use freshDatabase instead. */
  readonly databaseUrl: string;
}

/** The variables through which the global set-up, which runs in Jest's main process, reaches its workers. */
export const NATS_VARIABLE = 'RUNCAST_TEST_NATS_URL';
export const DATABASE_VARIABLE = 'RUNCAST_TEST_DATABASE_URL';

export function testBackends(): TestBackends {
  const natsUrl = process.env[NATS_VARIABLE];
  const databaseUrl = process.env[DATABASE_VARIABLE];
  if (!natsUrl || !databaseUrl) {
    throw new Error('No test backends: only *.int.spec.ts files have them. Run this spec through jest.config.mjs.');
  }
  return { natsUrl, databaseUrl };
}
