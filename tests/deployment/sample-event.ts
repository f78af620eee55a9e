import type { RunEvent } from '@runcast/run-events';

/** An event of the tenant demo. */
export function sampleEvent(run: string, id: string): RunEvent {
  return {
    id,
    tenant: 'demo',
    run,
    type: 'step.started',
    level: 'info',
    occurredAt: '2026-11-21T08:00:00.000000Z',
    dialect: 'runcast',
    data: { step: id },
    raw: JSON.stringify({ id }),
  };
}
