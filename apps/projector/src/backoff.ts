/** Growing delays between attempts, spread so that many processes do not come back in step. */
export class Backoff {
  #failures = 0;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
    /** A number in [0, 1), as Math.random gives. */
    private readonly random: () => number,
  ) {}

  /** How long to wait after one more failure. */
  nextMs(): number {
    const ceiling = Math.min(this.longestMs, this.firstMs * 2 ** this.#failures);
    this.#failures += 1;
    return ceiling / 2 + (this.random() * ceiling) / 2;
  }

  /** To be called when something has really worked, not when it was merely begun. */
  reset(): void {
    this.#failures = 0;
  }
}
