import { exact, lossy, type Mapping } from '../mapping.ts';

const custom = exact('CUSTOM under our own name');

export const mapping: Mapping = {
  'run.started': lossy('RUN_STARTED', 'run.started', [], 'framework, input, source, user, message'),
  'run.completed': lossy(
    'RUN_FINISHED',
    'run.completed',
    ['output', 'usage.inputTokens', 'usage.outputTokens', 'usage.totalTokens'],
    'cost, duration, iterations; the model unless tokens are counted',
  ),
  'run.failed': lossy(
    'RUN_ERROR',
    'run.failed',
    ['error.message'],
    'details, traceback, partial output, duration; a missing code becomes the type',
  ),
  'run.cancelled': lossy('RUN_FINISHED, outcome cancelled', 'run.cancelled', [], 'reason'),
  'run.went-stale': custom,
  'run.heartbeat': custom,
  'run.phase-changed': custom,
  'session.linked': custom,
  'step.started': lossy('STEP_STARTED', 'step.started', ['step'], 'step id, input'),
  'step.completed': lossy('STEP_FINISHED', 'step.completed', ['step'], 'step id, output, duration'),
  'step.failed': lossy('STEP_FINISHED', 'step.completed', ['step'], 'that it failed, and everything but the name'),
  'tool-call.started': lossy(
    'TOOL_CALL_START, _ARGS, _END',
    'tool-call.started',
    ['tool', 'callId'],
    'input arrives as an event of its own; nothing is sent for a call without an id',
  ),
  'tool-call.completed': lossy(
    'TOOL_CALL_RESULT',
    'tool-call.completed',
    ['tool'],
    'input, duration; output becomes text',
  ),
  'tool-call.failed': lossy(
    'TOOL_CALL_RESULT, failed in metadata',
    'tool-call.failed',
    ['tool'],
    'input, duration; output and error share one text field',
  ),
  'llm-call.started': custom,
  'llm-call.completed': custom,
  'llm-call.failed': custom,
  'message.received': lossy(
    'TEXT_MESSAGE_START, _CONTENT, _END, role user',
    'message.delta',
    [],
    'that it was said to the agent; content becomes text, and an empty one has no delta',
  ),
  'message.sent': lossy(
    'TEXT_MESSAGE_START, _CONTENT, _END',
    'message.delta',
    [],
    'that it is whole; sources; content becomes text, and an empty one has no delta',
  ),
  'message.delta': lossy('TEXT_MESSAGE_CHUNK', 'message.delta', ['text'], 'that it names no message'),
  'reasoning.emitted': lossy(
    'REASONING_START … REASONING_END',
    'reasoning.emitted',
    ['text'],
    'nothing is sent for an empty text',
  ),
  'human-input.requested': custom,
  'human-input.received': custom,
  'usage.reported': custom,
  'attachments.processed': custom,
  'artifact.created': custom,
  'warning.raised': custom,
};
