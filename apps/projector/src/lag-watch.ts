/** What is seen between two sightings is rounded away; this many keep that below two hundredths of the lag. */
const MAX_SIGHTINGS = 128;

/** How long records have been waiting for the tables, told by somebody who looks at both now and then. */
export class LagWatch {
  #sightings: { readonly sequence: number; readonly at: number }[] = [];
  /** Grows with the lag, so that the sightings stay few and evenly spread. */
  #spacingMs = 0;

  constructor(private readonly now: () => number) {}

  /** The log reached to `logEnd` while the tables reached to `projected`. */
  saw(logEnd: number, projected: number): void {
    const waiting = this.#sightings.filter(({ sequence }) => sequence > projected);
    const newest = waiting.at(-1) ?? { sequence: projected, at: -Infinity };
    if (logEnd > newest.sequence && this.now() - newest.at >= this.#spacingMs) {
      waiting.push({ sequence: logEnd, at: this.now() });
    }
    this.#sightings = waiting.length > MAX_SIGHTINGS ? this.#thinned(waiting) : waiting;
    if (this.#sightings.length === 0) this.#spacingMs = 0;
  }

  /** For how many seconds at least the oldest waiting record has been waiting. */
  seconds(): number {
    const oldest = this.#sightings[0];
    return oldest === undefined ? 0 : Math.round((this.now() - oldest.at) / 1_000);
  }

  #thinned(sightings: { readonly sequence: number; readonly at: number }[]) {
    this.#spacingMs = (2 * (sightings.at(-1)!.at - sightings[0]!.at)) / MAX_SIGHTINGS;
    return sightings.filter((_, index) => index % 2 === 0);
  }
}
