import { resolve } from 'node:path';
import { backendVariables, serviceVariables, url, wholeNumber } from '@runcast/service-host/config';
import { z } from 'zod';
import { readVariables } from './read-variables.ts';

/** A port as it was asked for. 0: any free one. */
export interface WantedPort {
  readonly variable: string;
  readonly port: number;
  /** Whether the user named it. A taken default moves; a taken choice is an error. */
  readonly chosen: boolean;
}

/** Everything `runcast up` reads from its environment. */
export interface UpConfig {
  readonly home: string;
  /** Where the services listen. */
  readonly host: string;
  /** A NATS that runs already; ours is not started. */
  readonly natsUrl: string | undefined;
  /** A Postgres that runs already; ours is not started. */
  readonly databaseUrl: string | undefined;
  readonly demo: boolean;
  readonly shards: string;
  readonly namespace: string | undefined;
  readonly logLevel: string;
  readonly ports: Readonly<Record<PortName, WantedPort>>;
}

export type PortName = 'ingest' | 'realtime' | 'nats' | 'postgres';

const port = (byDefault: number, what: string) =>
  wholeNumber({ min: 0, max: 65_535 }).default(byDefault).describe(`${what}; 0 takes any free port`);

/** Every variable of `npm start`; docs/configuration.md lists them. */
export const upVariables = {
  RUNCAST_HOME: z
    .string()
    .default('.runcast')
    .describe('Data, logs, keys and `dev.json`; a relative path begins at the clone'),
  RUNCAST_HOST: z.string().default('127.0.0.1').describe('Address on which the services listen'),
  RUNCAST_INGEST_PORT: port(8080, 'Ingest gateway'),
  RUNCAST_REALTIME_PORT: port(8081, 'Realtime gateway'),
  RUNCAST_NATS_PORT: port(4222, 'nats-server'),
  RUNCAST_POSTGRES_PORT: port(5432, 'Postgres'),
  RUNCAST_DEMO: z
    .enum(['on', 'off'], 'expected "on" or "off"')
    .default('on')
    .describe('`off` starts without the demo agent'),
  NATS_URL: backendVariables.NATS_URL.optional().describe('Uses this NATS; none is started'),
  DATABASE_URL: url('postgres', 'postgresql').optional().describe('Uses this Postgres; none is started'),
  RUNCAST_SHARDS: backendVariables.RUNCAST_SHARDS.describe('Number of shards'),
  RUNCAST_NAMESPACE: backendVariables.RUNCAST_NAMESPACE,
  LOG_LEVEL: serviceVariables.LOG_LEVEL.describe('The quietest log line that the services still write'),
};

const PORTS = {
  ingest: 'RUNCAST_INGEST_PORT',
  realtime: 'RUNCAST_REALTIME_PORT',
  nats: 'RUNCAST_NATS_PORT',
  postgres: 'RUNCAST_POSTGRES_PORT',
} as const satisfies Record<PortName, keyof typeof upVariables>;

/**
 * @param root the repository, against which a relative RUNCAST_HOME is resolved
 * @throws UserError naming every variable that cannot be used. An empty variable counts as unset.
 */
export function readUpConfig(env: NodeJS.ProcessEnv, root: string): UpConfig {
  const given = Object.fromEntries(Object.keys(upVariables).map((name) => [name, env[name]?.trim()]));
  const config = readVariables(upVariables, given);
  const portOf = (variable: (typeof PORTS)[PortName]): WantedPort => {
    // 0 is no choice: whatever is free.
    return { variable, port: config[variable], chosen: Boolean(given[variable]) && config[variable] !== 0 };
  };
  return Object.freeze({
    home: resolve(root, config.RUNCAST_HOME),
    host: config.RUNCAST_HOST,
    natsUrl: config.NATS_URL,
    databaseUrl: config.DATABASE_URL,
    demo: config.RUNCAST_DEMO === 'on',
    shards: String(config.RUNCAST_SHARDS),
    namespace: config.RUNCAST_NAMESPACE,
    logLevel: config.LOG_LEVEL,
    ports: {
      ingest: portOf(PORTS.ingest),
      realtime: portOf(PORTS.realtime),
      nats: portOf(PORTS.nats),
      postgres: portOf(PORTS.postgres),
    },
  });
}
