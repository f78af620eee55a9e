/** What a connection does now and then to show that it stands, and to see whether its client does. */
export interface Beating {
  beat(): void;
}

/** Everybody is beaten once a round; in how many parts the round is cut. */
const PARTS = 32;

/**
 * The heartbeats of all connections, on one timer. A timer for each would cost every idle client memory, and beating all
 * in the same moment would hold up everybody else.
 */
export class Heartbeats {
  private readonly parts = Array.from({ length: PARTS }, () => new Set<Beating>());
  private readonly timer: NodeJS.Timeout;
  private current = 0;

  constructor(intervalMs: number) {
    this.timer = setInterval(() => this.tick(), intervalMs / PARTS);
    this.timer.unref();
  }

  /** Beats from now on once each interval, the first time after nearly a whole one. Answers how to stop it. */
  add(beating: Beating): () => void {
    const part = this.parts[this.current]!;
    part.add(beating);
    return () => part.delete(beating);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    this.current = (this.current + 1) % PARTS;
    for (const beating of this.parts[this.current]!) beating.beat();
  }
}
