import { setTimeout as sleep } from 'node:timers/promises';
import { silenceOf, WorkersAtWork, type Messaging, type TakenRun } from '@runcast/agent-commands';
import type { EventLog } from '@runcast/event-log';
import { timestampFromMs, type RunEvent, type RunEnding } from '@runcast/run-events';
import type { Logger } from '@runcast/service-host';
import type { EndingInTables } from '../stream/serve-feed.ts';

export interface LostWorkersParts {
  readonly messaging: Messaging;
  readonly log: Pick<EventLog, 'shardFor'>;
  readonly endingInTables: EndingInTables;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** As long as the tables may take to say whether the run is over; after that the sweep of silent runs finds it. */
const ATTEMPTS = 30;
const RETRY_MS = 1_000;

/**
 * Gives up the runs of workers that died with a command, as a run that went stale: whoever waits for the answer is told
 * within seconds, and a worker that was only cut off takes it back with its next word.
 */
export class LostWorkers {
  private readonly workers: WorkersAtWork;

  constructor(private readonly parts: LostWorkersParts) {
    this.workers = new WorkersAtWork(parts.messaging, (taken) => void this.giveUp(taken));
  }

  watch(taken: TakenRun): void {
    this.workers.watch(taken);
  }

  private async giveUp(taken: TakenRun): Promise<void> {
    const { logger } = this.parts;
    const facts = { tenant: taken.tenant, run: taken.run, agent: taken.agent };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      try {
        const outcome = await this.attempt(taken);
        if (outcome === 'given-up') return logger.warn(facts, 'gave up a run whose worker fell silent');
        if (outcome === 'over') return;
        // It has spoken in this very moment: somebody works on it after all.
        if (outcome === 'spoke') return this.watch(taken);
      } catch (error) {
        logger.warn({ ...facts, err: error }, 'a run whose worker fell silent could not be given up, trying again');
      }
      await sleep(RETRY_MS, undefined, { ref: false });
    }
  }

  private async attempt(taken: TakenRun): Promise<'given-up' | 'over' | 'spoke' | 'unknown'> {
    const { log, endingInTables } = this.parts;
    const shard = log.shardFor(taken.tenant);
    const subject = shard.runSubject(taken.tenant, taken.run);
    const newest = (await shard.newest([subject], 0)).bySubject.get(subject) ?? 0;
    const ending: RunEnding | undefined =
      newest === 0 ? { end: 'running' } : await endingInTables(taken.tenant, taken.run, newest);
    if (ending?.end === undefined) return 'unknown';
    if (ending.end !== 'running') return 'over';
    return (await shard.appendAfter(this.wentStale(taken, shard.epoch, newest), newest)) ? 'given-up' : 'spoke';
  }

  /** Its session stays unnamed: the run's first word named it, or nobody ever did. */
  private wentStale(taken: TakenRun, epoch: string, newest: number): RunEvent {
    const { tenant, run, agent } = taken;
    const id = `worker-lost-${epoch}-${newest}`;
    const type = 'run.went-stale';
    const occurredAt = timestampFromMs((this.parts.now ?? Date.now)());
    const data = { idleMs: silenceOf(taken) };
    const raw = JSON.stringify({ type, id, run, agent, level: 'error', occurred_at: occurredAt, data });
    return { tenant, id, type, run, agent, level: 'error', occurredAt, dialect: 'runcast', data, raw };
  }
}
