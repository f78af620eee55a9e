import { exact, lossy, type Mapping } from '../mapping.ts';

const ourName = exact('under our own name, data in `data`');

export const mapping: Mapping = {
  'run.started': lossy('agent_process_start', 'run.started', ['message'], 'framework, input, source, user'),
  'run.completed': lossy(
    'agent_process_end, completed',
    'run.completed',
    ['output', 'model', 'durationMs'],
    'usage, iterations',
  ),
  'run.failed': lossy(
    'agent_process_end, failed',
    'run.failed',
    ['error.message', 'durationMs'],
    'error type, code and details, traceback, partial output',
  ),
  'run.cancelled': ourName,
  'run.went-stale': ourName,
  'run.heartbeat': exact('keepalive'),
  'run.phase-changed': exact('processing, phase in feature'),
  'session.linked': ourName,
  'step.started': ourName,
  'step.completed': ourName,
  'step.failed': ourName,
  'tool-call.started': lossy('tool_called', 'tool-call.started', ['tool', 'input'], 'call id'),
  'tool-call.completed': lossy(
    'tool_response, completed',
    'tool-call.completed',
    ['tool', 'input', 'output', 'durationMs'],
    'call id',
  ),
  'tool-call.failed': lossy(
    'tool_response, failed',
    'tool-call.failed',
    ['tool', 'input', 'output', 'durationMs', 'error.message'],
    'call id, error type, code and details',
  ),
  'llm-call.started': lossy('llm_generation, in_progress', 'llm-call.started', ['model', 'provider'], 'call id, input'),
  'llm-call.completed': lossy(
    'llm_generation, completed',
    'llm-call.completed',
    ['model', 'provider', 'output', 'durationMs'],
    'call id, usage',
  ),
  'llm-call.failed': lossy(
    'llm_generation, failed',
    'llm-call.failed',
    ['model', 'provider', 'error.message', 'durationMs'],
    'call id, error type, code and details',
  ),
  'message.received': ourName,
  'message.sent': lossy('llm_response', 'message.sent', ['content'], 'message id, sources'),
  'message.delta': ourName,
  'reasoning.emitted': exact('thinking'),
  'human-input.requested': lossy(
    'human_intervention_requested',
    'human-input.requested',
    ['question'],
    'context, channel, request id',
  ),
  'human-input.received': lossy(
    'human_intervention_received',
    'human-input.received',
    ['response'],
    'who answered, request id',
  ),
  'usage.reported': ourName,
  'attachments.processed': ourName,
  'artifact.created': exact('artifact_create_success'),
  'warning.raised': ourName,
};
