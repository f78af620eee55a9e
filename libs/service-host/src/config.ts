import { z } from 'zod';
import { ConfigError, type BadVariable } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment through a schema whose keys are the variables' own names.
 *
 * The result is frozen. An empty variable counts as unset, because compose files and manifests spell "unset" that way.
 * @throws {ConfigError} naming all bad variables, none of their values.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Environment): Readonly<z.infer<S>> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name];
    if (value !== undefined && value !== '') given[name] = value;
  }
  const read = schema.safeParse(given);
  if (!read.success) throw new ConfigError(read.error.issues.map((issue) => toBadVariable(issue, given)));
  return Object.freeze(read.data);
}

function toBadVariable(issue: z.core.$ZodIssue, given: Record<string, string>): BadVariable {
  const name = String(issue.path[0]);
  return { name, expected: name in given ? issue.message : 'is required' };
}

/** A whole number written in decimal digits. */
export function wholeNumber({ min, max }: { min: number; max: number }) {
  return z.string().transform((text, context) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `expected a whole number from ${min} to ${max}` });
    return z.NEVER;
  });
}

/** A number from 0 to 1, written as a decimal fraction. */
export function ratio() {
  return z.string().transform((text, context) => {
    if (/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/.test(text)) return Number(text);
    context.addIssue({ code: 'custom', message: 'expected a number from 0 to 1, such as 0.05' });
    return z.NEVER;
  });
}

/** A URL of one of the given schemes (`nats`, `postgres`, ...). */
export function url(...schemes: string[]) {
  return z.string().refine((text) => isUrlOf(schemes, text), expectedUrl(schemes));
}

/** One or several URLs of the given schemes, separated by commas. */
export function urlList(...schemes: string[]) {
  const isList = (text: string) => text.split(',').every((part) => isUrlOf(schemes, part.trim()));
  return z.string().refine(isList, `${expectedUrl(schemes)}, or several separated by commas`);
}

function isUrlOf(schemes: readonly string[], text: string): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
}

function expectedUrl(schemes: readonly string[]): string {
  return `expected a URL starting with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
}

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
  RUNCAST_DRAIN_DELAY_MS: wholeNumber({ min: 0, max: 120_000 })
    .default(0)
    .describe('How long to go on serving after readiness has flipped, so that load balancers notice (milliseconds)'),
  RUNCAST_DRAIN_DEADLINE_MS: wholeNumber({ min: 100, max: 600_000 })
    .default(25_000)
    .describe('After how long an orderly shutdown is given up (milliseconds)'),
};

/** What every service that touches the log and the tables reads besides. */
export const backendVariables = {
  NATS_URL: urlList('nats', 'tls').describe('NATS servers, separated by commas'),
  DATABASE_URL: url('postgres', 'postgresql').describe('Postgres database'),
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

/** The settings of the log among {@link backendVariables}, as EventLog.connect takes them. */
export function logSettings(config: Readonly<z.infer<z.ZodObject<typeof backendVariables>>>) {
  return {
    servers: config.NATS_URL,
    shards: config.RUNCAST_SHARDS,
    replicas: config.RUNCAST_LOG_REPLICAS,
    maxBytes: config.RUNCAST_LOG_MAX_BYTES,
    maxAgeMs: config.RUNCAST_LOG_MAX_AGE_HOURS * 3_600_000,
    ...(config.RUNCAST_NAMESPACE !== undefined && { namespace: config.RUNCAST_NAMESPACE }),
  };
}

/** The part of a service's configuration that runService itself uses. */
export type ServiceConfig = Readonly<z.infer<z.ZodObject<typeof serviceVariables>>>;
