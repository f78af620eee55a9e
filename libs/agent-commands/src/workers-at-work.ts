import type { Messaging } from './messaging.ts';

/** A run that somebody has taken and promised to be heard of. */
export interface TakenRun {
  readonly tenant: string;
  readonly agent: string;
  readonly run: string;
  readonly beatMs: number;
}

/** One beat may be late and one lost. */
const BEATS_MISSED = 4;

/** How long nothing is heard of a worker before it is lost. */
export function silenceOf({ beatMs }: TakenRun): number {
  return BEATS_MISSED * beatMs;
}

/**
 * Listens to the workers that took our commands. One of which nothing is heard for four beats is lost: its run will not
 * go on. While NATS is away from us nobody is: what cannot be heard proves nothing.
 */
export class WorkersAtWork {
  readonly #messaging: Messaging;
  readonly #onLost: (taken: TakenRun) => void;
  readonly #runs = new Map<string, NodeJS.Timeout>();
  /** By tenant: how many of its runs are watched, and what ends the listening. */
  readonly #tenants = new Map<string, { watched: number; unsubscribe(): void }>();

  constructor(messaging: Messaging, onLost: (taken: TakenRun) => void) {
    this.#messaging = messaging;
    this.#onLost = onLost;
    messaging.onReconnect(() => this.#runs.forEach((timer) => timer.refresh()));
  }

  get watched(): number {
    return this.#runs.size;
  }

  watch(taken: TakenRun): void {
    const key = keyOf(taken.tenant, taken.run);
    if (this.#runs.has(key)) return;
    this.#listen(taken.tenant);
    const timer = setTimeout(() => {
      if (!this.#messaging.connected) return void timer.refresh();
      this.#forget(taken.tenant, taken.run);
      this.#onLost(taken);
    }, silenceOf(taken)).unref();
    this.#runs.set(key, timer);
  }

  #listen(tenant: string): void {
    const known = this.#tenants.get(tenant);
    if (known !== undefined) return void (known.watched += 1);
    const subject = this.#messaging.subjects.working(tenant);
    const subscription = this.#messaging.listen(subject, ({ runs, over }) => {
      const beating = Array.isArray(runs) ? runs.filter((run) => typeof run === 'string') : [];
      for (const run of beating) this.#runs.get(keyOf(tenant, run))?.refresh();
      if (typeof over === 'string') this.#forget(tenant, over);
    });
    this.#tenants.set(tenant, { watched: 1, unsubscribe: () => subscription.unsubscribe() });
  }

  #forget(tenant: string, run: string): void {
    const key = keyOf(tenant, run);
    const timer = this.#runs.get(key);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#runs.delete(key);
    const listening = this.#tenants.get(tenant)!;
    listening.watched -= 1;
    if (listening.watched > 0) return;
    listening.unsubscribe();
    this.#tenants.delete(tenant);
  }
}

/** Ids hold no NUL, so the join is injective. */
function keyOf(tenant: string, run: string): string {
  return `${tenant}\u0000${run}`;
}
