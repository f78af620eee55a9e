import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 20;
const LAST_PAUSE_MS = 2_000;

/**
 * Runs `step` until `done`, one at a time, however often it is asked to. A step that throws or makes no progress is
 * repeated after a pause that grows: NATS may be away, or the replica that answered may lag.
 */
export class CatchUp {
  private running = false;
  private stopped = false;

  constructor(
    private readonly step: () => Promise<boolean>,
    private readonly done: () => boolean,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    if (this.running || this.stopped) return;
    this.running = true;
    void this.run();
  }

  stop(): void {
    this.stopped = true;
  }

  private async run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.stopped && !this.done()) {
      const progressed = await this.attempt();
      if (progressed) pauseMs = FIRST_PAUSE_MS;
      else {
        await sleep(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
      }
    }
    this.running = false;
  }

  private async attempt(): Promise<boolean> {
    try {
      return await this.step();
    } catch (error) {
      this.onFault(error);
      return false;
    }
  }
}
