import type { Level } from '@runcast/run-events';

const QUIET: readonly string[] = ['run.heartbeat', 'message.delta'];

/** How loud an event is when its sender does not say. */
export function defaultLevel(type: string): Level {
  if (/^(run|step|tool-call|llm-call)\.(failed|went-stale)$/.test(type)) return 'error';
  if (type === 'warning.raised') return 'warning';
  return QUIET.includes(type) ? 'debug' : 'info';
}
