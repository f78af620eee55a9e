import type { JsonObject } from '@runcast/run-events';

/** What a dependency says of itself right now. `detail` and `facts` are public: no addresses, no credentials. */
export interface CheckResult {
  readonly ready: boolean;
  readonly detail?: string;
  readonly facts?: JsonObject;
}

/** Reports what the process already knows. Never does I/O: a probe must not hang on the outage it reports. */
export type ReadinessCheck = () => CheckResult;

export interface ReadinessReport {
  readonly status: 'ready' | 'not_ready' | 'draining';
  readonly checks: readonly ({ readonly name: string } & CheckResult)[];
}

/** Whether traffic may be sent here. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();
  #draining = false;

  add(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
  }

  /** From now on not ready, for good. */
  startDraining(): void {
    this.#draining = true;
  }

  get draining(): boolean {
    return this.#draining;
  }

  report(): ReadinessReport {
    const checks = [...this.#checks].map(([name, check]) => ({ name, ...runCheck(check) }));
    if (this.#draining) return { status: 'draining', checks };
    return { status: checks.every(({ ready }) => ready) ? 'ready' : 'not_ready', checks };
  }
}

function runCheck(check: ReadinessCheck): CheckResult {
  try {
    return check();
  } catch {
    return { ready: false, detail: 'the check itself failed' };
  }
}
