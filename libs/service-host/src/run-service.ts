import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { loadConfig, type Environment, type ServiceConfig } from './config/index.ts';
import { drain, type DrainReport, type DrainStep } from './drain.ts';
import { ConfigError, EXIT_CONFIG } from './errors.ts';
import { Readiness } from './health.ts';
import { createLogger, type Logger } from './logger.ts';
import { Metrics } from './metrics/metrics.ts';
import { serveMetrics } from './metrics/serve-metrics.ts';
import { addServiceMetrics } from './metrics/service-metrics.ts';
import { startTracing } from './tracing/start-tracing.ts';

/** What a service is given to start with. */
export interface ServiceContext<Config> {
  readonly config: Config;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Served on METRICS_PORT, if there is one. */
  readonly metrics: Metrics;
}

export interface ServiceDefinition<S extends z.ZodObject> {
  readonly name: string;
  /** Holds `serviceVariables` and the service's own. */
  readonly schema: S;
  /**
   * Starts everything and resolves to what has to be stopped, in the order in which to stop it. Rejects when a
   * dependency cannot be used at all: the process then ends with 1.
   */
  start(context: ServiceContext<Readonly<z.infer<S>>>): Promise<readonly DrainStep[]>;
}

/**
 * The life of a service process, for main.ts to call.
 *
 * Exit codes: 0 after SIGTERM or SIGINT and an orderly end; 1 when the start, the shutdown or anything unexpected failed;
 * 78 for an unusable environment. A second signal ends the process at once with 1.
 */
export async function runService<S extends z.ZodObject>(
  definition: ServiceDefinition<S>,
  host: NodeJS.Process = process,
): Promise<void> {
  const config = loadConfigOrExit(definition, host);
  const { LOG_LEVEL, RUNCAST_VERSION, RUNCAST_DRAIN_DELAY_MS, RUNCAST_DRAIN_DEADLINE_MS } =
    config as unknown as ServiceConfig;
  const logger = createLogger({ service: definition.name, level: LOG_LEVEL });
  const readiness = new Readiness();
  let steps: readonly DrainStep[] = [];
  const end = endOnce(logger, host, () =>
    drain(
      [
        { name: 'readiness', run: () => readiness.startDraining() },
        { name: 'notice', run: () => delay(steps.length > 0 ? RUNCAST_DRAIN_DELAY_MS : 0) },
        ...steps,
      ],
      delay(RUNCAST_DRAIN_DEADLINE_MS, undefined, { ref: false }),
    ),
  );
  listenForEnd(host, logger, end);
  try {
    const metrics = new Metrics();
    addServiceMetrics(metrics, { service: definition.name, version: RUNCAST_VERSION, readiness });
    // Before the rest: a start that hangs is when somebody wants to look.
    const last = [
      ...(await exportTraces(definition.name, config as unknown as ServiceConfig, logger)),
      ...(await exposeMetrics(metrics, config as unknown as ServiceConfig, logger)),
    ];
    steps = last;
    steps = [...(await definition.start({ config, logger, readiness, metrics })), ...last];
    logger.info('started');
    giveBackWhatLoadingTook();
  } catch (error) {
    logger.fatal({ err: error }, 'could not start');
    end(1);
  }
}

/**
 * A collection that also lets go of the space in which the modules were loaded; V8 by itself would keep an eighth of a service at
 * rest for ever. Only where the process was started with `--expose-gc`, as the images start it.
 */
function giveBackWhatLoadingTook(): void {
  void globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

async function exportTraces(service: string, config: ServiceConfig, logger: Logger) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, RUNCAST_VERSION: version } = config;
  if (endpoint === undefined) return [];
  const { OTEL_EXPORTER_OTLP_HEADERS: headers, OTEL_TRACES_SAMPLER_ARG: ratio } = config;
  const stop = await startTracing({ service, version, endpoint, headers, ratio, logger });
  return [{ name: 'traces', run: stop }];
}

/** The last to stop: the drain is worth watching. */
async function exposeMetrics(metrics: Metrics, { HOST, METRICS_PORT }: ServiceConfig, logger: Logger) {
  if (METRICS_PORT === undefined) return [];
  const server = await serveMetrics(metrics, { host: HOST, port: METRICS_PORT });
  logger.info({ url: server.url }, 'serving metrics');
  return [{ name: 'metrics', run: () => server.close() }];
}

function loadConfigOrExit<S extends z.ZodObject>({ schema }: ServiceDefinition<S>, host: NodeJS.Process) {
  try {
    return loadConfig(schema, host.env as Environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    host.stderr.write(`${error.message}\n`);
    return host.exit(EXIT_CONFIG);
  }
}

type End = (exitCode: number) => void;

/** Ends the process after `shutDown`, whoever asks first. The worst exit code that was asked for wins. */
function endOnce(logger: Logger, host: NodeJS.Process, shutDown: () => Promise<DrainReport>): End {
  let worst = 0;
  let ending = false;
  return (exitCode) => {
    worst = Math.max(worst, exitCode);
    if (ending) return;
    ending = true;
    void shutDown().then((report) => {
      for (const { name, error } of report.failed) logger.error({ err: error, step: name }, 'shutdown step failed');
      const orderly = report.failed.length === 0 && report.unfinished.length === 0;
      logger.info({ completed: report.completed, unfinished: report.unfinished }, orderly ? 'stopped' : 'gave up');
      host.exit(orderly ? worst : 1);
    });
  };
}

function listenForEnd(host: NodeJS.Process, logger: Logger, end: End): void {
  let signalled = false;
  const onSignal = (signal: string) => {
    if (signalled) host.exit(1);
    signalled = true;
    logger.info({ signal }, 'stopping');
    end(0);
  };
  const onFault = (error: unknown) => {
    // The state of the process is unknown from here on: it finishes what it can and makes room for a fresh one.
    logger.fatal({ err: error }, 'unexpected error');
    end(1);
  };
  host.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  host.on('uncaughtException', onFault).on('unhandledRejection', onFault);
}
