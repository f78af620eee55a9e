/**
 * The newest keys with what is known of them: at least the newest half of `limit` keys, never more than `limit`.
 *
 * In two generations, of which the older is dropped as a whole. A single map that makes room key by key leaves a hole at its front
 * for each, and V8 walks over all of them to find the oldest: with 50,000 keys that was a quarter of what the gateway did.
 */
export class RecentlySeen<V> {
  private newer = new Map<string, V>();
  private older: ReadonlyMap<string, V> = new Map();

  constructor(private readonly limit: number) {}

  get(key: string): V | undefined {
    return this.newer.get(key) ?? this.older.get(key);
  }

  add(key: string, value: V): void {
    this.newer.set(key, value);
    if (this.newer.size < this.limit / 2) return;
    this.older = this.newer;
    this.newer = new Map();
  }

  clear(): void {
    this.newer = new Map();
    this.older = new Map();
  }
}
