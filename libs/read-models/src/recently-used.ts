/** A map that stays within a total weight by forgetting what was used longest ago. */
export class RecentlyUsed<Value> {
  // A Map iterates in order of insertion, so the first entry is the one that was put longest ago.
  readonly #entries = new Map<string, { value: Value; weight: number }>();
  #weight = 0;

  constructor(readonly maxWeight: number) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Keeps the value as the most recently used one; a value that alone is heavier than everything allowed is not kept. */
  put(key: string, value: Value, weight: number): void {
    this.#remove(key);
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.maxWeight) return;
      this.#remove(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  #remove(key: string): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0;
    this.#entries.delete(key);
  }
}
