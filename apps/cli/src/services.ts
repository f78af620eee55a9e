import { join } from 'node:path';
import { DEMO_TENANT } from './dev-file.ts';
import type { Home } from './home.ts';
import { servicePart } from './service-part.ts';
import type { Part } from './supervise.ts';
import type { UpConfig } from './up-config.ts';

/** What the services are told about the backends and each other. */
export interface Surroundings {
  readonly root: string;
  readonly home: Home;
  readonly config: UpConfig;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly signingKey: string;
  readonly demoKey: string;
  readonly ports: { readonly ingest: number; readonly realtime: number; readonly projector: number };
  readonly metricsPorts: Surroundings['ports'];
  /** Everything else that is set reaches the services as it is: their own variables need no word from us. */
  readonly env: NodeJS.ProcessEnv;
}

/** The three services, in the order in which they start. */
export function serviceParts(around: Surroundings): Part[] {
  return [
    service(around, 'projector', 'projector'),
    service(around, 'ingest', 'ingest-gateway'),
    // Waiting clients are few here, and whoever presses Ctrl-C wants it to end.
    service(around, 'realtime', 'realtime-gateway', { RUNCAST_DRAIN_SPREAD_MS: '0' }),
  ];
}

function service(
  around: Surroundings,
  name: keyof Surroundings['ports'],
  folder: string,
  defaults: NodeJS.ProcessEnv = {},
): Part {
  const { root, home, config, env, ports, metricsPorts } = around;
  const port = ports[name];
  return servicePart({
    name,
    main: join(root, 'apps', folder, 'dist', 'main.js'),
    logFile: home.logFile(name),
    readyUrl: `${localUrl(config.host, port)}/health/ready`,
    env: {
      ...defaults,
      ...env,
      NATS_URL: around.natsUrl,
      DATABASE_URL: around.databaseUrl,
      PORT: String(port),
      METRICS_PORT: String(metricsPorts[name]),
      HOST: config.host,
      LOG_LEVEL: config.logLevel,
      RUNCAST_SHARDS: config.shards,
      RUNCAST_NAMESPACE: config.namespace,
      RUNCAST_SIGNING_KEY: around.signingKey,
    },
  });
}

/** The demo agent knows Runcast as any agent does: by its addresses and a key, and NATS, where its commands come from. */
export function demoAgentPart({ root, home, config, demoKey, natsUrl, ports, env }: Surroundings): Part {
  return servicePart({
    name: 'demoAgent',
    main: join(root, 'apps', 'demo-agent', 'dist', 'main.js'),
    logFile: home.logFile('demo-agent'),
    env: {
      ...env,
      RUNCAST_URL: localUrl(config.host, ports.ingest),
      RUNCAST_REALTIME_URL: localUrl(config.host, ports.realtime),
      RUNCAST_API_KEY: demoKey,
      NATS_URL: natsUrl,
      RUNCAST_TENANT: DEMO_TENANT,
      RUNCAST_NAMESPACE: config.namespace,
    },
  });
}

/** Where this machine reaches a service that listens on `host`. */
export function localUrl(host: string, port: number): string {
  return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
}
