import { oneLine, type CanonicalEvent, type JsonValue, type Level, type RecordedEvent } from '@runcast/run-events';
import { asCanonical } from '../canonical.ts';
import { frameOf, type Frame } from '../dialect.ts';
import { OUR_FEATURE } from './wire.ts';

export function encode(event: RecordedEvent): Frame[] {
  if (event.dialect === 'lyzr-agent') return [{ data: oneLine(event.raw) }];
  const canonical = asCanonical(event);
  const { feature, eventType, status, message, ...more } = (canonical && say(canonical)) ?? underOurName(event);
  return [
    frameOf({
      feature: feature ?? eventType,
      level: LEVELS[event.level],
      status: status ?? 'completed',
      message: message ?? '',
      // Their clocks write the offset out, and some clients cut the text at the plus sign.
      timestamp: event.occurredAt.replace('Z', '+00:00'),
      event_type: eventType,
      run_id: event.run,
      trace_id: event.run,
      session_id: event.session,
      agent_id: event.agent,
      log_id: event.id,
      ...more,
    }),
  ];
}

const LEVELS: Record<Level, string> = { debug: 'DEBUG', info: 'INFO', warning: 'WARNING', error: 'ERROR' };

interface Said {
  eventType: string;
  feature?: string;
  status?: 'in_progress' | 'completed' | 'failed';
  message?: string | undefined;
  [member: string]: JsonValue | undefined;
}

/** Their set of event types is open and clients pass over what they do not know, so nothing has to be left out. */
function underOurName(event: RecordedEvent): Said {
  return { eventType: event.type, feature: OUR_FEATURE, data: event.data };
}

function say(event: CanonicalEvent): Said | undefined {
  switch (event.type) {
    case 'run.started':
      return { eventType: 'agent_process_start', status: 'in_progress', message: event.data.message };
    case 'run.completed': {
      const { output, model, durationMs } = event.data;
      return { eventType: 'agent_process_end', response: output, model, execution_time: seconds(durationMs) };
    }
    case 'run.failed': {
      const { error, durationMs } = event.data;
      return { ...failed('agent_process_end', error.message), execution_time: seconds(durationMs) };
    }
    case 'run.heartbeat':
      return { eventType: 'keepalive', status: 'in_progress' };
    case 'run.phase-changed':
      return { eventType: 'processing', feature: event.data.phase, status: 'in_progress' };
    case 'message.sent':
      return { eventType: 'llm_response', response: event.data.content };
    case 'reasoning.emitted':
      return { eventType: 'thinking', status: 'in_progress', message: event.data.text };
    case 'human-input.requested':
      return { eventType: 'human_intervention_requested', status: 'in_progress', message: event.data.question };
    case 'human-input.received':
      return { eventType: 'human_intervention_received', response: event.data.response };
    case 'artifact.created':
      return { eventType: 'artifact_create_success', data: event.data.artifacts };
    default:
      return sayCall(event);
  }
}

function sayCall(event: CanonicalEvent): Said | undefined {
  switch (event.type) {
    case 'llm-call.started':
      return { eventType: 'llm_generation', status: 'in_progress', ...llm(event.data) };
    case 'llm-call.completed': {
      const execution_time = seconds(event.data.durationMs);
      return { eventType: 'llm_generation', ...llm(event.data), response: event.data.output, execution_time };
    }
    case 'llm-call.failed': {
      const execution_time = seconds(event.data.durationMs);
      return { ...failed('llm_generation', event.data.error.message), ...llm(event.data), execution_time };
    }
    case 'tool-call.started':
      return {
        eventType: 'tool_called',
        status: 'in_progress',
        tool_name: event.data.tool,
        tool_input: event.data.input,
      };
    case 'tool-call.completed':
      return { eventType: 'tool_response', ...toolEnd(event.data) };
    case 'tool-call.failed':
      return { ...failed('tool_response', event.data.error?.message), ...toolEnd(event.data) };
    default:
      return undefined;
  }
}

function failed(eventType: string, message: string | undefined): Said {
  return { eventType, status: 'failed', message };
}

function llm({ model, provider }: { model?: string; provider?: string }) {
  return { model, provider };
}

function toolEnd(data: { tool: string; input?: JsonValue; output?: JsonValue; durationMs?: number }) {
  const { tool: tool_name, input: tool_input, output: tool_output, durationMs } = data;
  return { tool_name, tool_input, tool_output, execution_time: seconds(durationMs) };
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
