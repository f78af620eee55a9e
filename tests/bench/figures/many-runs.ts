import type { RunEvent } from '@runcast/run-events';
import type { Installation } from '../world/installation.ts';

const BATCH = 500;
const AT_ONCE = 8;

/** Stores runs of one event each, numbered from `from` to `to`, right into the log: a gateway would take longer. */
export async function storeManyRuns(installation: Installation, from: number, to: number): Promise<void> {
  const log = await installation.openLog();
  let next = from;
  const store = async (): Promise<void> => {
    while (next < to) {
      const first = next;
      next = Math.min(to, next + BATCH);
      await log.append(Array.from({ length: next - first }, (_, index) => startOf(first + index)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, store));
  await log.close();
}

function startOf(number: number): RunEvent {
  const run = `stored-${number}`;
  return {
    id: 'e1',
    tenant: 'bench',
    run,
    agent: `agent-${number % 10}`,
    type: 'run.started',
    level: 'info',
    occurredAt: '2026-11-21T12:00:00.000000Z',
    dialect: 'runcast',
    data: { input: { question: 'What is it about?' } },
    raw: `{"id":"e1","run":"${run}","type":"run.started","data":{"input":{"question":"What is it about?"}}}`,
  };
}
