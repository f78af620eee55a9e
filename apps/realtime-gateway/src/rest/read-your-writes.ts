import { setTimeout as sleep } from 'node:timers/promises';
import { parsePosition, type Position } from '@runcast/run-events';
import { projectedPosition, type Database } from '@runcast/read-models';
import { Problem } from '@runcast/service-host';

const POLL_MS = 15;

/**
 * Lets a reader wait until the tables have come to a position that an ingest answered: lists are projected after the
 * 202, so without this "I sent it, why is it not there" has no good answer.
 */
export class ReadYourWrites {
  /** How far each shard's tables are known to have come. */
  private readonly reached = new Map<number, { epoch: string; sequence: number }>();
  private readonly polling = new Map<number, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly waitMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Resolves once the tables hold everything up to the position.
   *
   * @throws {Problem} `invalid_request` for what is no position, `gone` for one of another log, `unavailable` after waitMs
   */
  async wait(token: string | undefined): Promise<void> {
    if (token === undefined) return;
    const position = parsePosition(token);
    if (position === undefined) {
      const errors = [{ field: 'wait_for', expected: 'a position, as answered by an ingest or shown on an event' }];
      throw new Problem('invalid_request', { detail: 'wait_for holds no position.', errors });
    }
    const deadline = this.now() + this.waitMs;
    while (!this.isReached(position)) {
      if (this.now() >= deadline) throw stillBehind();
      await this.poll(position.shard);
    }
  }

  private isReached({ shard, epoch, sequence }: Position): boolean {
    const reached = this.reached.get(shard);
    if (reached === undefined) return false;
    if (reached.epoch !== epoch) {
      throw new Problem('gone', { detail: 'The position belongs to a log that has been replaced.' });
    }
    return reached.sequence >= sequence;
  }

  /** However many wait, one asks. */
  private poll(shard: number): Promise<void> {
    const polling = this.polling.get(shard) ?? this.ask(shard).finally(() => this.polling.delete(shard));
    this.polling.set(shard, polling);
    return polling;
  }

  private async ask(shard: number): Promise<void> {
    const position = await projectedPosition(this.database, shard);
    if (position !== undefined) this.reached.set(shard, position);
    await sleep(POLL_MS);
  }
}

function stillBehind(): Problem {
  return new Problem('unavailable', { detail: 'The tables have not come to this position yet.', retryAfterSeconds: 1 });
}
