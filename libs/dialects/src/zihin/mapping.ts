import { exact, lossy, none, type Mapping } from '../mapping.ts';

const NOTHING = {
  'run.heartbeat': none,
  'step.started': none,
  'step.completed': none,
  'step.failed': none,
  'tool-call.started': none,
  'llm-call.started': none,
  'llm-call.completed': none,
  'llm-call.failed': none,
  'message.received': none,
  'message.delta': none,
  'human-input.requested': none,
  'human-input.received': none,
  'artifact.created': none,
};

export const mapping: Mapping = {
  ...NOTHING,
  'run.started': lossy('session:start', 'run.started', ['userId', 'source'], 'framework, input, message'),
  'run.completed': lossy(
    'session:complete',
    'run.completed',
    ['usage', 'iterations', 'durationMs'],
    'model; output becomes text of at most 500 characters',
  ),
  'run.failed': lossy(
    'session:error',
    'run.failed',
    ['error.message'],
    'error type, code and details, traceback, partial output, duration',
  ),
  'run.cancelled': lossy('session:error', 'run.failed', [], 'that it was cancelled, not failed'),
  'run.went-stale': lossy('session:error', 'run.failed', [], 'that a later event revives the run'),
  'run.phase-changed': exact('session:phase'),
  'session.linked': exact('session:linked'),
  'tool-call.completed': lossy(
    'session:tool, success true',
    'tool-call.completed',
    ['tool', 'output'],
    'call id, input, duration',
  ),
  'tool-call.failed': lossy(
    'session:tool, success false',
    'tool-call.failed',
    ['tool'],
    'call id, input, duration; output and error share one field',
  ),
  'message.sent': none,
  'reasoning.emitted': exact('session:thinking'),
  'usage.reported': none,
  'attachments.processed': none,
  'warning.raised': none,
};

/** The agent-execution stream. */
export const streamMapping: Mapping = {
  ...NOTHING,
  'run.started': lossy('metadata', 'run.started', [], 'all but the ids'),
  'run.completed': lossy(
    'response, metrics, [DONE]',
    'run.completed',
    [],
    'model; output and usage arrive as events of their own',
  ),
  'run.failed': lossy(
    'error, [DONE]',
    'run.failed',
    ['error.message'],
    'details, traceback, partial output, duration; a missing code becomes the type',
  ),
  'run.cancelled': lossy('error CANCELLED, [DONE]', 'run.failed', [], 'that it was cancelled, not failed'),
  'run.went-stale': lossy('error STALE, [DONE]', 'run.failed', [], 'that a later event revives the run'),
  'run.phase-changed': exact('phase'),
  'session.linked': none,
  'tool-call.completed': lossy(
    'tool, success true',
    'tool-call.completed',
    ['tool', 'callId'],
    'input, duration; output becomes text',
  ),
  'tool-call.failed': lossy(
    'tool, success false',
    'tool-call.failed',
    ['tool', 'callId'],
    'input, duration; output and error share one text field',
  ),
  'message.sent': lossy('response', 'message.sent', ['content'], 'message id'),
  'reasoning.emitted': exact('thinking'),
  'usage.reported': exact('metrics'),
  'attachments.processed': exact('attachments'),
  'warning.raised': exact('warning'),
};
