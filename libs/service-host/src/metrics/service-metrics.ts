import type { ServiceIdentity } from '../health-routes.ts';
import { PROBLEM_CODES, type ProblemCode } from '../problem-codes.ts';
import type { ClosedCounter, Metrics } from './metrics.ts';

export const TRANSPORTS = ['http', 'websocket', 'nats'] as const;
export type Transport = (typeof TRANSPORTS)[number];

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const;
const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** What every service tells of itself. */
export function addServiceMetrics(metrics: Metrics, { service, version, readiness }: ServiceIdentity): void {
  metrics.addProcess();
  const build = { service: [service], version: [version], node: [process.version] };
  metrics.gauge({ name: 'runcast_build_info', help: 'What is running; always 1', labels: build }, (report) =>
    report({ service, version, node: process.version }, 1),
  );
  metrics.gauge({ name: 'runcast_ready', help: '1 while traffic may be sent here', labels: {} }, (report) =>
    report({}, readiness.report().status === 'ready' ? 1 : 0),
  );
  const draining = {
    name: 'runcast_draining',
    help: '1 from the beginning of an orderly shutdown on',
    labels: {},
  } as const;
  metrics.gauge(draining, (report) => report({}, readiness.draining ? 1 : 0));
}

/** What was answered, and what was refused for which reason. */
export class AnswerMetrics {
  private readonly refusals: ClosedCounter<{ transport: typeof TRANSPORTS; code: readonly ProblemCode[] }>;
  private readonly responses: ClosedCounter<{ method: typeof METHODS; status: typeof STATUS_CLASSES }>;

  constructor(metrics: Metrics) {
    this.refusals = metrics.counter({
      name: 'runcast_refusals_total',
      help: 'Requests answered with a problem, by its code (docs/errors.md)',
      labels: { transport: TRANSPORTS, code: PROBLEM_CODES },
    });
    this.responses = metrics.counter({
      name: 'runcast_http_responses_total',
      help: 'HTTP answers, by method and class of status; streams when they end',
      labels: { method: METHODS, status: STATUS_CLASSES },
    });
  }

  refused(transport: Transport, code: ProblemCode): void {
    this.refusals.add({ transport, code });
  }

  answered(method: string, status: number): void {
    const of = `${Math.trunc(status / 100)}xx`;
    // Both come out of a parser that takes anything; the metric itself keeps to its lists.
    this.responses.add({ method: method as (typeof METHODS)[number], status: of as (typeof STATUS_CLASSES)[number] });
  }
}
