import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** What a program of the benchmark can be asked to do. */
export type Methods = Readonly<Record<string, (argument: never) => unknown>>;

/** What a program has used since it was last asked. */
export interface Usage {
  /** Of one core. */
  readonly cpuShare: number;
  readonly loopDelayP99Ms: number;
}

export interface Question {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

export type Message =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly reason: string }
  | { readonly kind: 'news'; readonly value: unknown };

/** Answers questions of the process that started this one, until that one is gone. */
export function serve(methods: Methods): void {
  const all: Record<string, (argument: never) => unknown> = { ...methods, usage: usageMeter() };
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ id, method, argument }: Question) => {
    void new Promise<unknown>((resolve) => resolve(all[method]!(argument as never)))
      .then((value): Message => ({ kind: 'answer', id, value }))
      .catch((error: unknown): Message => ({ kind: 'failure', id, reason: (error as Error).stack ?? String(error) }))
      .then((message) => process.send!(message));
  });
}

/** Tells the process that started this one something it did not ask for. */
export function tell(value: unknown): void {
  process.send!({ kind: 'news', value } satisfies Message);
}

function usageMeter(): () => Usage {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let cpu = process.cpuUsage();
  let at = performance.now();
  return () => {
    const used = process.cpuUsage(cpu);
    const usage = {
      cpuShare: (used.user + used.system) / 1_000 / (performance.now() - at),
      loopDelayP99Ms: delay.percentile(99) / 1e6,
    };
    cpu = process.cpuUsage();
    at = performance.now();
    delay.reset();
    return usage;
  };
}
