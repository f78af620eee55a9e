import { z } from 'zod';
import { ratio, secret, url, urlList, wholeNumber } from './values.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** What every service reads. */
export const serviceVariables = {
  HOST: z.string().default('0.0.0.0').describe('Address to listen on'),
  PORT: wholeNumber({ min: 0, max: 65_535 }).default(8080).describe('Port to listen on; 0 takes any free one'),
  METRICS_PORT: wholeNumber({ min: 0, max: 65_535 })
    .optional()
    .describe('Port of `GET /metrics` for Prometheus; 0 takes any free one, unset serves none'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, `expected one of ${LOG_LEVELS.join(', ')}`)
    .default('info')
    .describe('The quietest log line still written'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https')
    .optional()
    .describe('Collector that takes traces as OTLP over HTTP, e.g. `http://collector:4318`; unset traces nothing'),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .optional()
    .describe('What the collector wants to be told, as `name=value,name=value`'),
  OTEL_TRACES_SAMPLER_ARG: ratio()
    .default(1)
    .describe('Part of the traces begun here that is kept, 0 to 1; a caller who has decided is followed'),
  RUNCAST_VERSION: z.string().max(64).default('0.1.0').describe('What GET /version answers'),
  RUNCAST_COMMIT: z.string().max(64).optional().describe('The commit that GET /version answers; set by the image'),
  RUNCAST_DRAIN_DELAY_MS: wholeNumber({ min: 0, max: 120_000 })
    .default(0)
    .describe('How long to go on serving after readiness has flipped, so that load balancers notice (milliseconds)'),
  RUNCAST_DRAIN_DEADLINE_MS: wholeNumber({ min: 100, max: 600_000 })
    .default(25_000)
    .describe('After how long an orderly shutdown is given up (milliseconds)'),
};

/** How a service, an agent or a tool presents itself to NATS. */
export const natsVariables = {
  NATS_USER: z.string().max(256).optional().describe('User at NATS; unset where NATS asks for none'),
  NATS_PASSWORD: secret(z.string().max(1024).optional().describe('Password of that user')),
  NATS_CREDENTIALS: secret(
    z
      .string()
      .includes('NATS USER JWT', 'expected the text of a .creds file')
      .optional()
      .describe(
        'Instead of user and password: the text of a `.creds` file, as NATS clusters with an operator give them out',
      ),
  ),
  NATS_INBOX_PREFIX: z
    .string()
    .regex(
      /^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,4}$/,
      'expected tokens of A-Z, a-z, 0-9, _ and -, separated by dots',
    )
    .default('_INBOX')
    .describe('What the subjects of answers begin with; one of its own for each user keeps others from listening'),
};

/** Where the log is and how it is laid out. */
export const logVariables = {
  NATS_URL: urlList('nats', 'tls').describe('NATS servers, separated by commas'),
  ...natsVariables,
  RUNCAST_SHARDS: wholeNumber({ min: 1, max: 1024 }).default(1).describe('Number of shards; the same in every service'),
  RUNCAST_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9]{1,32}$/, 'expected 1 to 32 characters a-z and 0-9')
    .optional()
    .describe('Separates several Runcasts on one NATS'),
  RUNCAST_LOG_REPLICAS: wholeNumber({ min: 1, max: 5 })
    .default(1)
    .describe('Copies of the log and of stored commands in the NATS cluster; used when a stream is created'),
  RUNCAST_LOG_MAX_BYTES: wholeNumber({ min: 1_048_576, max: 999_999_999_999_999 })
    .default(4_294_967_296)
    .describe('Size of a shard at which new events are refused; used when a stream is created (bytes)'),
  RUNCAST_LOG_MAX_AGE_HOURS: wholeNumber({ min: 0, max: 87_600 })
    .default(0)
    .describe('For how long the log keeps an event, 0 for ever; used when a stream is created (hours)'),
};

/** What every service that touches the log and the tables reads besides. */
export const backendVariables = {
  ...logVariables,
  DATABASE_URL: secret(url('postgres', 'postgresql').describe('Postgres database')),
};

/** The {@link logVariables} as EventLog.connect takes them. */
export function logSettings(config: Readonly<z.infer<z.ZodObject<typeof logVariables>>>) {
  return {
    servers: config.NATS_URL,
    login: natsLogin(config),
    shards: config.RUNCAST_SHARDS,
    replicas: config.RUNCAST_LOG_REPLICAS,
    maxBytes: config.RUNCAST_LOG_MAX_BYTES,
    maxAgeMs: config.RUNCAST_LOG_MAX_AGE_HOURS * 3_600_000,
    ...(config.RUNCAST_NAMESPACE !== undefined && { namespace: config.RUNCAST_NAMESPACE }),
  };
}

/** For the schemas that hold {@link natsVariables}: `z.object(…).refine(...loginIsWhole)`. */
export const loginIsWhole = [
  (config: Partial<NatsConfig>): boolean =>
    config.NATS_CREDENTIALS === undefined
      ? (config.NATS_USER === undefined) === (config.NATS_PASSWORD === undefined)
      : config.NATS_USER === undefined,
  {
    path: ['NATS_USER'],
    message: 'expected together with NATS_PASSWORD, or neither of them beside NATS_CREDENTIALS',
    // Also when other variables are bad: all of them are named at once.
    when: () => true,
  },
] as const satisfies readonly [unknown, z.core.$ZodCustomParams];

type NatsConfig = Readonly<z.infer<z.ZodObject<typeof natsVariables>>>;

/** Who a connection to NATS is, as EventLog.connect and Messaging.connect take it. */
export function natsLogin(config: NatsConfig) {
  return {
    inboxPrefix: config.NATS_INBOX_PREFIX,
    ...(config.NATS_USER !== undefined && { user: config.NATS_USER }),
    ...(config.NATS_PASSWORD !== undefined && { password: config.NATS_PASSWORD }),
    ...(config.NATS_CREDENTIALS !== undefined && { credentials: config.NATS_CREDENTIALS }),
  };
}

/** The part of a service's configuration that runService itself uses. */
export type ServiceConfig = Readonly<z.infer<z.ZodObject<typeof serviceVariables>>>;
