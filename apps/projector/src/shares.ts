/**
 * How the shards are spread over the projectors that are there. A share is what a process should hold, never what it may:
 * a shard that nobody else takes is taken by a process that has its share already.
 */
export class Shares {
  readonly #held = new Set<number>();
  #projectors = 1;

  constructor(private readonly shards: number) {}

  /** So many projectors are there, this one included. */
  sawProjectors(count: number): void {
    this.#projectors = Math.max(1, count);
  }

  took(shard: number): void {
    this.#held.add(shard);
  }

  left(shard: number): void {
    this.#held.delete(shard);
  }

  /** Whether this process holds its share. */
  isFull(): boolean {
    return this.#held.size >= this.#fair();
  }

  /** Whether this shard is to be given away. Counts as left from then on, so that no other is given away in its place. */
  giveAway(shard: number): boolean {
    return this.#held.size > this.#fair() && this.#held.delete(shard);
  }

  #fair(): number {
    return Math.ceil(this.shards / this.#projectors);
  }
}
