import type { IdleRun } from '@runcast/read-models';
import { timestampFromMs, timestampToMs, type RunEvent } from '@runcast/run-events';

/**
 * The event that gives a silent run up. Every part of it follows from the run's last word, so that two sweepers, or one
 * that repeats itself, say the same event, which counts once.
 */
export function wentStale(idle: IdleRun, epoch: string): RunEvent {
  const { tenant, run, session, agent, flow, limitMs } = idle;
  const names = {
    run,
    ...(session !== undefined && { session }),
    ...(agent !== undefined && { agent }),
    ...(flow !== undefined && { flow }),
  };
  const id = `went-stale-${epoch}-${idle.lastSequence}`;
  const type = 'run.went-stale';
  // When its limit ran out, not when somebody noticed.
  const occurredAt = timestampFromMs(timestampToMs(idle.lastActivityAt) + limitMs);
  const data = { idleMs: limitMs };
  const raw = JSON.stringify({ type, id, ...names, level: 'error', occurred_at: occurredAt, data });
  return { tenant, id, type, ...names, level: 'error', occurredAt, dialect: 'runcast', data, raw };
}
