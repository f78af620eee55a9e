import type { CanonicalEvent, RecordedEvent, Usage } from '@runcast/run-events';
import { asCanonical } from '../canonical.ts';
import { frameOf, type Frame } from '../dialect.ts';
import { textOf } from '../text-of.ts';
import { ownFrame } from './encode.ts';
import { DONE, live } from './wire.ts';

/** The agent-execution stream, snake_case, closed by `[DONE]`. */
export function encodeStream(event: RecordedEvent): Frame[] {
  const own = ownFrame(
    event,
    (name) => name === undefined || !(Object.hasOwn(live, name) || name.startsWith('session:')),
  );
  if (own) return [own];
  const canonical = asCanonical(event);
  return canonical ? say(canonical) : [];
}

function say(event: CanonicalEvent): Frame[] {
  switch (event.type) {
    case 'run.started':
      return [metadata(event)];
    case 'run.phase-changed':
      return [frameOf({ phase: event.data.phase }, 'phase')];
    case 'attachments.processed':
      return [frameOf({ processed: event.data.processed, errors: event.data.errors }, 'attachments')];
    case 'tool-call.completed':
    case 'tool-call.failed':
      return [tool(event)];
    case 'reasoning.emitted':
      return [frameOf({ thought: event.data.text }, 'thinking')];
    case 'message.sent':
      return [frameOf({ content: event.data.content, sources: event.data.sources ?? [] }, 'response')];
    case 'usage.reported':
      return [metrics(event.data)];
    case 'warning.raised':
      return [frameOf({ message: event.data.message }, 'warning')];
    case 'run.completed':
      return [...outcome(event.data), { data: DONE }];
    case 'run.failed': {
      const { code, type, message } = event.data.error;
      return failed(code ?? type ?? 'STREAM_ERROR', message);
    }
    case 'run.cancelled':
      return failed('CANCELLED', event.data.reason ?? 'the run was cancelled');
    case 'run.went-stale':
      return failed('STALE', `no event for ${event.data.idleMs} ms`);
    default:
      return [];
  }
}

function metadata(event: RecordedEvent): Frame {
  const { run: request_id, agent: agent_id = null, session: session_id = null, tenant: tenant_id } = event;
  return frameOf({ request_id, agent_id, session_id, tenant_id }, 'metadata');
}

function tool(event: Extract<CanonicalEvent, { type: 'tool-call.completed' | 'tool-call.failed' }>): Frame {
  const { tool, callId: call_id, output } = event.data;
  const summary = output ?? (event.type === 'tool-call.failed' ? event.data.error?.message : undefined);
  const result_summary = summary === undefined ? '' : textOf(summary);
  return frameOf({ tool, call_id, success: event.type === 'tool-call.completed', result_summary }, 'tool');
}

/** Their stream has no event for the end itself: the answer and the numbers come as events of their own. */
function outcome(data: Extract<CanonicalEvent, { type: 'run.completed' }>['data']): Frame[] {
  const { output, usage, iterations, durationMs } = data;
  const measured = usage !== undefined || iterations !== undefined || durationMs !== undefined;
  return [
    ...(output === undefined ? [] : [frameOf({ content: textOf(output), sources: [] }, 'response')]),
    ...(measured ? [metrics(data)] : []),
  ];
}

function metrics({
  usage = {},
  iterations,
  durationMs,
}: {
  usage?: Usage;
  iterations?: number;
  durationMs?: number;
}): Frame {
  const { inputTokens, outputTokens, totalTokens, costUsd } = usage;
  const counted = {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    total_tokens: totalTokens,
    cost_usd: costUsd,
  };
  return frameOf({ usage: counted, iterations, execution_time_ms: durationMs }, 'metrics');
}

function failed(code: string, message: string): Frame[] {
  return [frameOf({ code, message }, 'error'), { data: DONE }];
}
