import { isCanonicalEventType } from './event-types.ts';
import type { CanonicalEvent, RecordedEvent } from './event.ts';
import { isLateStart } from './run-ending.ts';
import { isOver, type RunState, type Tally } from './run-state.ts';
import type { Timestamp } from './timestamps.ts';
import { addUsage, NO_USAGE, reportUsage } from './usage.ts';

/**
 * The state of a run after one more event. Total: any event may follow any state. Pure: folding one by one, in
 * batches, after a crash or from the beginning gives the same state.
 *
 * Requires the run's events in log order, each once; whoever calls drops duplicates.
 */
export function foldRun(before: RunState | undefined, event: RecordedEvent): RunState {
  const state = before ?? firstState(event);
  const counted = count(state, event);
  if (!isCanonicalEventType(event.type)) return revive(counted);
  const canonical = event as CanonicalEvent;
  switch (canonical.type) {
    case 'run.started':
      return start(counted, canonical, isLateStart(state, canonical.occurredAt) === true);
    case 'run.went-stale':
      return isOver(counted.status) ? counted : end(counted, event.occurredAt, { statusReason: 'stale' });
    default: {
      const live = revive(counted);
      // The end is final: what comes after it is kept and counted, and changes nothing.
      return isOver(live.status) ? live : applyWhileLive(live, canonical);
    }
  }
}

function firstState(event: RecordedEvent): RunState {
  return {
    tenant: event.tenant,
    run: event.run,
    status: 'running',
    attempt: 1,
    startSeen: false,
    startedAt: event.occurredAt,
    lastEventAt: event.occurredAt,
    eventCount: 0,
    steps: NONE,
    toolCalls: NONE,
    llmCalls: NONE,
    errorCount: 0,
    usage: NO_USAGE,
    usageBefore: NO_USAGE,
    usageReported: false,
    firstSequence: event.position.sequence,
    lastSequence: event.position.sequence,
  };
}

const NONE: Tally = { started: 0, ended: 0 };

/** What every event changes, whether or not the run is over. Of names, the first to be given wins. */
function count(state: RunState, event: RecordedEvent): RunState {
  return {
    ...state,
    agent: state.agent ?? event.agent,
    flow: state.flow ?? event.flow,
    session: state.session ?? event.session,
    lastEventAt: later(state.lastEventAt, event.occurredAt),
    eventCount: state.eventCount + 1,
    lastSequence: event.position.sequence,
  };
}

function applyWhileLive(
  state: RunState,
  event: Exclude<CanonicalEvent, { type: 'run.started' | 'run.went-stale' }>,
): RunState {
  switch (event.type) {
    case 'run.completed':
      return end(reportUsage(state, event.data.usage), event.occurredAt, {
        status: 'success',
        output: event.data.output ?? state.output,
        model: event.data.model ?? state.model,
      });
    case 'run.failed':
      return end({ ...state, errorCount: state.errorCount + 1 }, event.occurredAt, {
        error: event.data.error,
        output: event.data.partialOutput ?? state.output,
      });
    case 'run.cancelled':
      return end(state, event.occurredAt, { statusReason: 'cancelled' });
    case 'step.started':
      return { ...state, steps: began(state.steps) };
    case 'step.completed':
      return { ...state, steps: ended(state.steps) };
    case 'step.failed':
      return { ...state, steps: ended(state.steps), errorCount: state.errorCount + 1 };
    case 'tool-call.started':
      return { ...state, toolCalls: began(state.toolCalls) };
    case 'tool-call.completed':
      return { ...state, toolCalls: ended(state.toolCalls) };
    case 'tool-call.failed':
      return { ...state, toolCalls: ended(state.toolCalls), errorCount: state.errorCount + 1 };
    case 'llm-call.started':
      return { ...state, llmCalls: began(state.llmCalls), model: event.data.model ?? state.model };
    case 'llm-call.completed': {
      const summed = addUsage(state, event.data.usage);
      return { ...summed, llmCalls: ended(state.llmCalls), model: event.data.model ?? state.model };
    }
    case 'llm-call.failed':
      return { ...state, llmCalls: ended(state.llmCalls), errorCount: state.errorCount + 1 };
    case 'usage.reported':
      return reportUsage(state, event.data.usage);
    case 'human-input.requested':
      return { ...state, status: 'waiting_for_input', question: event.data.question };
    case 'human-input.received':
      return { ...state, status: 'running', question: undefined };
    case 'message.sent':
      return { ...state, output: event.data.content };
    case 'run.heartbeat':
    case 'run.phase-changed':
    case 'session.linked':
    case 'message.received':
    case 'message.delta':
    case 'reasoning.emitted':
    case 'attachments.processed':
    case 'artifact.created':
    case 'warning.raised':
      return state;
  }
}

type Started = Extract<CanonicalEvent, { type: 'run.started' }>;

function start(state: RunState, event: Started, late: boolean): RunState {
  const facts = {
    startSeen: true,
    startedAt: event.occurredAt,
    framework: event.data.framework ?? state.framework,
    input: event.data.input ?? state.input,
  };
  if (late) return { ...revive(state), ...facts };
  if (!state.startSeen && !isOver(state.status)) return { ...state, ...facts, status: 'running', question: undefined };
  return {
    ...state,
    ...facts,
    attempt: state.attempt + 1,
    status: 'running',
    statusReason: undefined,
    endedAt: undefined,
    question: undefined,
    output: undefined,
    error: undefined,
    usageBefore: state.usage,
    usageReported: false,
  };
}

function end(state: RunState, at: Timestamp, facts: Partial<RunState>): RunState {
  return {
    ...state,
    status: 'error',
    ...facts,
    endedAt: at,
    ...(facts.statusReason !== 'stale' && { question: undefined }),
  };
}

/** A run that was given up for silence and speaks again goes on where it was. */
function revive(state: RunState): RunState {
  if (state.statusReason !== 'stale') return state;
  const status = state.question === undefined ? 'running' : 'waiting_for_input';
  return { ...state, status, statusReason: undefined, endedAt: undefined };
}

function began(tally: Tally): Tally {
  return { ...tally, started: tally.started + 1 };
}

function ended(tally: Tally): Tally {
  return { ...tally, ended: tally.ended + 1 };
}

function later(left: Timestamp, right: Timestamp): Timestamp {
  return left > right ? left : right;
}
