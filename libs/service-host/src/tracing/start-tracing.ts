import { context, diag, DiagLogLevel, trace } from '@opentelemetry/api';
import type { Logger } from '../logger.ts';
import { setTracing } from './spans.ts';

export interface TracingOptions {
  readonly service: string;
  readonly version: string;
  /** Base URL of a collector that takes OTLP over HTTP. */
  readonly endpoint: string;
  /** `name=value`, separated by commas. */
  readonly headers: string | undefined;
  /** The part of the traces begun here that is kept, 0 to 1. A caller who has decided is followed. */
  readonly ratio: number;
  readonly logger: Logger;
}

/**
 * Begins to export spans. Resolves to what sends the last of them and ends it. The SDK is loaded here and nowhere else:
 * without an endpoint none of it is in the process.
 */
export async function startTracing(options: TracingOptions): Promise<() => Promise<void>> {
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }, { AsyncLocalStorageContextManager }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/context-async-hooks'),
    ]);
  const { service, version, endpoint, headers, ratio, logger } = options;
  const say = (message: string): void => logger.warn({ detail: message }, 'traces could not be exported');
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.WARN);
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: readHeaders(headers),
  });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    // Bounded: what a collector that is away cannot take is dropped, not kept.
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, maxQueueSize: 2_048, scheduledDelayMillis: 1_000 })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  setTracing(true);
  return async () => {
    setTracing(false);
    await provider.shutdown();
  };
}

function readHeaders(text = ''): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const [name, ...value] = pair.split('=');
    return name?.trim() ? [[name.trim(), decodeURIComponent(value.join('=').trim())]] : [];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}
