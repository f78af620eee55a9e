import { context, SpanKind, SpanStatusCode, trace, TraceFlags, type Attributes, type Span } from '@opentelemetry/api';
import { contextOf, formatTraceparent } from './traceparent.ts';

const tracer = trace.getTracer('runcast');

let tracing = false;

/** Whether spans go anywhere. While not, nothing below costs more than this question. */
export function isTracing(): boolean {
  return tracing;
}

/** Only for startTracing(): OpenTelemetry knows one provider a process, and so do we. */
export function setTracing(on: boolean): void {
  tracing = on;
}

export interface SpanFacts {
  /** The `traceparent` of whoever caused it. */
  readonly parent?: string | undefined;
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** The `traceparent`s of others it has to do with. */
  readonly links?: readonly string[];
}

export { SpanKind };

/** A span that the caller ends. Not the active one: see {@link inSpan}. */
export function startSpan(
  name: string,
  { parent, kind = SpanKind.INTERNAL, attributes = {}, links = [] }: SpanFacts,
): Span {
  const linked = links.flatMap((link) => trace.getSpanContext(contextOf(link)) ?? []);
  const options = { kind, attributes, links: linked.map((context) => ({ context })) };
  return tracer.startSpan(name, options, contextOf(parent));
}

/** Runs `work` inside a span: what it appends or asks over NATS names this span as its cause. */
export function inSpan<T>(name: string, facts: SpanFacts, work: () => Promise<T>): Promise<T> {
  return tracing ? within(startSpan(name, facts), work) : work();
}

async function within<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** The header that names the active span, where somebody records it. */
export function currentTraceparent(): string | undefined {
  if (!tracing) return undefined;
  const active = trace.getActiveSpan()?.spanContext();
  return active && active.traceFlags & TraceFlags.SAMPLED ? formatTraceparent(active) : undefined;
}

/** Adds facts to the active span. */
export function describeSpan(attributes: Attributes): void {
  if (tracing) trace.getActiveSpan()?.setAttributes(attributes);
}

/** The header that names a span. */
export function traceparentOf(span: Span): string {
  return formatTraceparent(span.spanContext());
}
