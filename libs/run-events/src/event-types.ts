import type { JsonValue } from './json-text.ts';

/** Tokens and money of one model call or one whole run. Counts are whole numbers >= 0; cost is in US dollars. */
export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  costUsd?: number;
}

export interface ErrorFacts {
  message: string;
  type?: string;
  code?: string;
  details?: JsonValue;
}

/**
 * The canonical event types and the data each carries: what the fold, the console and every dialect's encoder
 * understand. All fields are optional unless a dialect could not say anything without them; durations are in
 * milliseconds. A type that is not listed is legal, stored and served, and means nothing to the fold
 * (see {@link RunEvent.type}).
 */
export interface EventData {
  'run.started': { framework?: string; input?: JsonValue; source?: string; userId?: string; message?: string };
  'run.completed': { output?: JsonValue; usage?: Usage; model?: string; durationMs?: number; iterations?: number };
  'run.failed': { error: ErrorFacts; traceback?: string; partialOutput?: JsonValue; durationMs?: number };
  'run.cancelled': { reason?: string };
  /** Appended by Runcast itself when a run has been silent beyond its idle limit; a later event revives the run. */
  'run.went-stale': { idleMs: number };
  /** Proof of life from a run that has nothing to say. */
  'run.heartbeat': Record<never, never>;
  'run.phase-changed': { phase: string };
  'session.linked': Record<never, never>;
  'step.started': { step: string; stepId?: string; input?: JsonValue };
  'step.completed': { step: string; stepId?: string; output?: JsonValue; durationMs?: number };
  'step.failed': { step: string; stepId?: string; error: ErrorFacts; durationMs?: number; partialOutput?: JsonValue };
  'tool-call.started': { tool: string; callId?: string; input?: JsonValue };
  'tool-call.completed': { tool: string; callId?: string; input?: JsonValue; output?: JsonValue; durationMs?: number };
  'tool-call.failed': {
    tool: string;
    callId?: string;
    input?: JsonValue;
    output?: JsonValue;
    error?: ErrorFacts;
    durationMs?: number;
  };
  'llm-call.started': { model?: string; provider?: string; callId?: string; input?: JsonValue };
  'llm-call.completed': {
    model?: string;
    provider?: string;
    callId?: string;
    output?: JsonValue;
    usage?: Usage;
    durationMs?: number;
  };
  'llm-call.failed': { model?: string; provider?: string; callId?: string; error: ErrorFacts; durationMs?: number };
  /** What somebody said to the agent. */
  'message.received': { messages: { type: string; content: JsonValue }[] };
  /** What the agent said. */
  'message.sent': { content: JsonValue; messageId?: string; sources?: JsonValue };
  /** A piece of what the agent is saying; the whole follows in `message.sent` or the run's output. */
  'message.delta': { text: string; messageId?: string };
  'reasoning.emitted': { text: string };
  'human-input.requested': {
    question: string;
    context?: JsonValue;
    channel?: string;
    requestId?: string;
    /** After this moment (RFC 3339) nobody may answer through Runcast any more. */
    expiresAt?: string;
  };
  'human-input.received': {
    response: JsonValue;
    respondedBy?: string;
    requestId?: string;
    /** The id of the API key through which Runcast was given the answer; absent where the agent told it itself. */
    keyId?: string;
  };
  'usage.reported': { usage: Usage; iterations?: number; durationMs?: number };
  'attachments.processed': { processed: JsonValue; errors?: JsonValue };
  'artifact.created': { artifacts: JsonValue };
  'warning.raised': { message: string };
}

export type CanonicalEventType = keyof EventData;

const CANONICAL: Record<CanonicalEventType, true> = {
  'run.started': true,
  'run.completed': true,
  'run.failed': true,
  'run.cancelled': true,
  'run.went-stale': true,
  'run.heartbeat': true,
  'run.phase-changed': true,
  'session.linked': true,
  'step.started': true,
  'step.completed': true,
  'step.failed': true,
  'tool-call.started': true,
  'tool-call.completed': true,
  'tool-call.failed': true,
  'llm-call.started': true,
  'llm-call.completed': true,
  'llm-call.failed': true,
  'message.received': true,
  'message.sent': true,
  'message.delta': true,
  'reasoning.emitted': true,
  'human-input.requested': true,
  'human-input.received': true,
  'usage.reported': true,
  'attachments.processed': true,
  'artifact.created': true,
  'warning.raised': true,
};

export const CANONICAL_EVENT_TYPES = Object.keys(CANONICAL) as CanonicalEventType[];

export function isCanonicalEventType(type: string): type is CanonicalEventType {
  return Object.hasOwn(CANONICAL, type);
}
