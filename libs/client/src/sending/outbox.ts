import type { Parcel } from './outgoing.ts';

export interface OutboxLimits {
  readonly maxEvents: number;
  /** Of the events' JSON texts together, in UTF-16 units. */
  readonly maxCharacters: number;
}

/**
 * The events that are not known to be stored yet, in the order of sending.
 *
 * Bounded: when full it gives up its oldest event, because on a live view the end of a run is worth more than its
 * beginning. What is under way is never given up, since it may just be arriving.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  #parcels: Parcel[] = [];
  #underWay = 0;
  #characters = 0;

  constructor(limits: OutboxLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#parcels.length;
  }

  /** The ordinal of the oldest event held; `undefined` when empty. Everything below it is settled. */
  get oldestOrdinal(): number | undefined {
    return this.#parcels[0]?.ordinal;
  }

  /** Takes an event in and returns those that had to make room, which may include the new one itself. */
  add(parcel: Parcel): Parcel[] {
    this.#parcels.push(parcel);
    this.#characters += parcel.text.length;
    const evicted: Parcel[] = [];
    while (this.#isOverfull() && this.#parcels.length > this.#underWay) {
      evicted.push(...this.#remove(this.#underWay, 1));
    }
    return evicted;
  }

  /**
   * Marks the next request's worth of events as under way and returns it: the oldest event and those behind it that
   * go through the same door. The vendor's ingest takes one event a request. Empty when there is nothing to send.
   */
  lend(maxEvents: number, maxCharacters: number): Parcel[] {
    const first = this.#parcels[0];
    if (first === undefined) return [];
    let count = 1;
    let characters = first.text.length;
    while (first.door === 'events' && count < maxEvents) {
      const next = this.#parcels[count];
      if (next?.door !== 'events' || characters + next.text.length > maxCharacters) break;
      characters += next.text.length;
      count += 1;
    }
    this.#underWay = count;
    return this.#parcels.slice(0, count);
  }

  /** What was lent needs no further attempt. */
  settle(): void {
    this.#remove(0, this.#underWay);
    this.#underWay = 0;
  }

  /** What was lent has to be sent again. */
  takeBack(): void {
    this.#underWay = 0;
  }

  /** Gives up everything, what is under way included. */
  clear(): Parcel[] {
    this.#underWay = 0;
    return this.#remove(0, this.#parcels.length);
  }

  #isOverfull(): boolean {
    return this.#parcels.length > this.#limits.maxEvents || this.#characters > this.#limits.maxCharacters;
  }

  #remove(from: number, count: number): Parcel[] {
    const removed = this.#parcels.splice(from, count);
    for (const parcel of removed) this.#characters -= parcel.text.length;
    return removed;
  }
}
