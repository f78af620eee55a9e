import { resolve } from 'node:path';
import { UserError } from './errors.ts';

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

const PORTS: Readonly<Record<PortName, { variable: string; port: number }>> = {
  ingest: { variable: 'RUNCAST_INGEST_PORT', port: 8080 },
  realtime: { variable: 'RUNCAST_REALTIME_PORT', port: 8081 },
  nats: { variable: 'RUNCAST_NATS_PORT', port: 4222 },
  postgres: { variable: 'RUNCAST_POSTGRES_PORT', port: 5432 },
};

/**
 * @param root the repository, against which a relative RUNCAST_HOME is resolved
 * @throws UserError naming every variable that cannot be used. An empty variable counts as unset.
 */
export function readUpConfig(env: NodeJS.ProcessEnv, root: string): UpConfig {
  const given = (name: string): string | undefined => env[name]?.trim() || undefined;
  const problems: string[] = [];
  const ports = Object.fromEntries(
    Object.entries(PORTS).map(([name, fallback]) => [name, readPort(fallback, given(fallback.variable), problems)]),
  ) as Record<PortName, WantedPort>;
  const demo = given('RUNCAST_DEMO') ?? 'on';
  if (!['on', 'off'].includes(demo)) problems.push('RUNCAST_DEMO: expected "on" or "off"');
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return Object.freeze({
    home: resolve(root, given('RUNCAST_HOME') ?? '.runcast'),
    host: given('RUNCAST_HOST') ?? '127.0.0.1',
    natsUrl: given('NATS_URL'),
    databaseUrl: given('DATABASE_URL'),
    demo: demo === 'on',
    shards: given('RUNCAST_SHARDS') ?? '1',
    namespace: given('RUNCAST_NAMESPACE'),
    logLevel: given('LOG_LEVEL') ?? 'info',
    ports,
  });
}

function readPort(
  fallback: { variable: string; port: number },
  text: string | undefined,
  problems: string[],
): WantedPort {
  const { variable } = fallback;
  if (text === undefined) return { ...fallback, chosen: false };
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) problems.push(`${variable}: expected a port from 0 to 65535 (0 takes any free one)`);
  return { variable, port, chosen: port !== 0 };
}
