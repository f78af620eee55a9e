import { isCanonicalEventType, isJsonObject, parseTimestamp, type JsonValue, type Level } from '@runcast/run-events';
import { composeEvent, type Fact } from '../compose-event.ts';
import type { DecodeContext, Decoded, WireText } from '../dialect.ts';
import { errorFacts } from '../error-facts.ts';
import { eventData } from '../event-data.ts';
import { readWire } from '../read-wire.ts';
import { incoming, OUR_FEATURE, type Incoming } from './wire.ts';

export function decode(wire: WireText, context: DecodeContext): Decoded {
  const read = readWire(wire, incoming);
  if (!read.ok) return read;
  const body = read.value;
  const fact = ownFact(body) ?? factOf(body) ?? { type: `lyzr-agent.${body.event_type}`, data: body };
  const fields = { run: 'run_id', type: 'event_type' };
  return composeEvent({ dialect: 'lyzr-agent', wire, context, fields }, fact, {
    id: body.log_id,
    run: body.run_id,
    session: body.session_id,
    agent: body.agent_id,
    occurredAt: body.timestamp == null ? undefined : parseTimestamp(body.timestamp),
    level: LEVELS[stringIn(body, 'level')?.toUpperCase() ?? ''],
  });
}

const LEVELS: Record<string, Level | undefined> = {
  DEBUG: 'debug',
  INFO: 'info',
  SUCCESS: 'info',
  WARNING: 'warning',
  ERROR: 'error',
};

/** An event that travelled under our own name comes back as what it was. */
function ownFact(body: Incoming): { type: string; data: object } | undefined {
  const { event_type: type, data } = body;
  if (body['feature'] !== OUR_FEATURE || !isJsonObject(data)) return undefined;
  const fits = !isCanonicalEventType(type) || eventData[type].safeParse(data).success;
  return fits ? { type, data } : undefined;
}

/** Undefined for the many event types that only their own clients understand. */
function factOf(body: Incoming): Fact | undefined {
  switch (body.event_type) {
    case 'agent_process_start':
      return { type: 'run.started', data: { message: message(body) } };
    case 'agent_process_end':
    case 'process_end':
    case 'process_complete':
      return processEnd(body);
    case 'llm_generation':
      return llmCall(body);
    case 'llm_response':
      return body['response'] === undefined
        ? undefined
        : { type: 'message.sent', data: { content: json(body, 'response')! } };
    case 'thinking':
    case 'thinking_log':
      return {
        type: 'reasoning.emitted',
        data: { text: stringIn(body, 'thinking') ?? stringIn(body, 'message') ?? '' },
      };
    case 'processing':
      return { type: 'run.phase-changed', data: { phase: stringIn(body, 'feature') ?? 'processing' } };
    case 'tool_called':
    case 'tool_response':
    case 'tool_output':
      return toolCall(body);
    case 'artifact_create_success':
      return {
        type: 'artifact.created',
        data: { artifacts: body['data'] === undefined ? artifact(body) : json(body, 'data')! },
      };
    case 'human_intervention_requested':
      return { type: 'human-input.requested', data: { question: message(body) ?? 'human input requested' } };
    case 'human_intervention_received':
      return { type: 'human-input.received', data: { response: answer(body) } };
    case 'keepalive':
      return { type: 'run.heartbeat', data: {} };
    default:
      return undefined;
  }
}

/** Only these end a run: a failed model or tool call is told at level ERROR too, and the agent may go on after it. */
function processEnd(body: Incoming): Fact | undefined {
  const durationMs = executionMs(body);
  if (outcome(body) === 'failed') return { type: 'run.failed', data: { error: failure(body), durationMs } };
  if (outcome(body) === 'running') return undefined;
  return { type: 'run.completed', data: { output: response(body), model: stringIn(body, 'model'), durationMs } };
}

function llmCall(body: Incoming): Fact {
  const called = { model: stringIn(body, 'model'), provider: stringIn(body, 'provider') };
  const durationMs = executionMs(body);
  switch (outcome(body)) {
    case 'running':
      return { type: 'llm-call.started', data: called };
    case 'failed':
      return { type: 'llm-call.failed', data: { ...called, error: failure(body), durationMs } };
    case 'completed':
      return { type: 'llm-call.completed', data: { ...called, output: json(body, 'response'), durationMs } };
  }
}

function toolCall(body: Incoming): Fact | undefined {
  const tool = stringIn(body, 'tool_name') ?? stringIn(body, 'function_name');
  if (tool === undefined) return undefined;
  const called = { tool, input: json(body, 'tool_input', 'arguments') };
  if (body.event_type === 'tool_called') return { type: 'tool-call.started', data: called };
  const ended = {
    ...called,
    output: json(body, 'tool_output', 'response'),
    durationMs: executionMs(body),
  };
  if (outcome(body) !== 'failed') return { type: 'tool-call.completed', data: ended };
  return { type: 'tool-call.failed', data: { ...ended, error: failure(body) } };
}

function outcome(body: Incoming): 'running' | 'completed' | 'failed' {
  const status = stringIn(body, 'status');
  if (status === 'failed' || status === 'error') return 'failed';
  return status === 'completed' || status === 'success' ? 'completed' : 'running';
}

function failure(body: Incoming) {
  return errorFacts(json(body, 'error') ?? message(body), `${body.event_type} failed`);
}

function artifact(body: Incoming): JsonValue {
  const members = ['artifact_id', 'name', 'description', 'format_type'] as const;
  return [Object.fromEntries(members.flatMap((key) => (body[key] === undefined ? [] : [[key, json(body, key)!]])))];
}

/** Their execution_time is in seconds. */
function executionMs(body: Incoming): number | undefined {
  const seconds = body['execution_time'];
  return typeof seconds === 'number' && seconds >= 0 ? Math.round(seconds * 1e6) / 1e3 : undefined;
}

function answer(body: Incoming): JsonValue {
  const given = response(body);
  return given === undefined ? '' : given;
}

/** Theirs is `""` when there is nothing to say. */
function message(body: Incoming): string | undefined {
  return stringIn(body, 'message') || undefined;
}

function stringIn(body: Incoming, key: string): string | undefined {
  const value = body[key];
  return typeof value === 'string' ? value : undefined;
}

/** The first of these members that is there; null is a value like any other. */
function json(body: Incoming, ...keys: string[]): JsonValue | undefined {
  const key = keys.find((name) => body[name] !== undefined);
  return key === undefined ? undefined : (body[key] as JsonValue);
}

/** What was said: `response` where there is one, else the message. */
function response(body: Incoming): JsonValue | undefined {
  const given = json(body, 'response');
  return given === undefined ? message(body) : given;
}
