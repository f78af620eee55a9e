/** Lets so many at a time do something; the others wait for their turn, first come, first served. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(private readonly atOnce: number) {
    this.free = atOnce;
  }

  /** How many are at it. */
  get taken(): number {
    return this.atOnce - this.free;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // Handed on directly: a newcomer must not slip in before whoever waits.
      if (next) next();
      else this.free += 1;
    }
  }
}
