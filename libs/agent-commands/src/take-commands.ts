import { readCommand } from './agent-command.ts';
import { TRACEPARENT, type Messaging } from './messaging.ts';
import { RunsUnderWay, type RunAgent } from './runs-under-way.ts';

export interface TakeOptions {
  readonly tenant: string;
  readonly agent: string;
  /** How many runs at a time; commands beyond it are left to others. */
  readonly maxUnderWay: number;
  /** How often a worker says that it still works on its runs, in milliseconds; 5,000 unless told. */
  readonly beatMs?: number;
}

export const BEAT_MS = 5_000;

export interface Taking {
  /** Runs under way here. */
  readonly underWay: number;
  /** Takes no more commands, and resolves when the runs under way are over. */
  stop(): Promise<void>;
}

/**
 * Takes the commands of one agent. Any number of processes may: each command goes to one of them. Resolves when the
 * server knows that we listen.
 */
export async function takeCommands(messaging: Messaging, options: TakeOptions, runAgent: RunAgent): Promise<Taking> {
  const { tenant, agent, maxUnderWay, beatMs = BEAT_MS } = options;
  const runs = new RunsUnderWay(messaging, tenant, maxUnderWay, beatMs);
  const limits = {
    subject: messaging.subjects.command(tenant, agent),
    queue: 'agents',
    // Taking a command is a matter of microseconds; the runs have their own limit.
    maxUnderWay: Infinity,
    overloaded: () => refused('busy'),
  };
  const answering = messaging.answer(limits, ({ data, header }) => {
    const command = readCommand(data, header(TRACEPARENT));
    if (command === undefined) return Promise.resolve(refused('unreadable'));
    // Asked twice, answered twice, run once.
    if (runs.has(command.run)) return Promise.resolve({ accepted: true, beatMs });
    if (runs.isFull) return Promise.resolve(refused('busy'));
    void runs.start(command, runAgent);
    return Promise.resolve({ accepted: true, beatMs });
  });
  await answering.established;
  return {
    get underWay() {
      return runs.size;
    },
    stop: async () => {
      await answering.stop();
      await runs.finish();
    },
  };
}

function refused(reason: 'busy' | 'unreadable') {
  return { accepted: false, reason };
}
