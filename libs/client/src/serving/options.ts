import type { AgentCommand } from '@runcast/agent-commands';
import { Messaging } from '@runcast/agent-commands';
import type { Tell } from './tell.ts';

/** What a handler has besides the command. */
export interface RunContext {
  /** Aborts when the run is cancelled: stop working. The log knows already. */
  readonly signal: AbortSignal;
  /** Stores an event of this run. Agents that send with RuncastClient do not need it. */
  readonly tell: Tell;
}

/**
 * Does what the command asks for and tells the run's events, from `run.started` to its end, under `command.run`. A
 * rejection is told as `run.failed`: throw only what you have not told yourself.
 */
export type Handler = (command: AgentCommand, context: RunContext) => Promise<void>;

export type ServeOptions = {
  /** Whose agent it is. NATS decides who may serve for whom. */
  readonly tenant: string;
  /** How many runs at a time. 16 unless told. */
  readonly maxUnderWay?: number;
  /** Called when a run's failure could not be told to Runcast either. */
  readonly onFault?: (error: unknown, command: AgentCommand) => void;
} & (
  | {
      /** One or several NATS servers, separated by commas. */
      readonly natsUrl: string;
      readonly namespace?: string;
    }
  /** A connection that several agents share; who opened it closes it. */
  | { readonly connection: Messaging }
);

/** A served agent. */
export interface Serving {
  /** Runs under way. */
  readonly underWay: number;
  /** Takes no more commands, and resolves when the runs under way are over. */
  stop(): Promise<void>;
}

export const DEFAULT_MAX_UNDER_WAY = 16;

/** The connection to use, and how to let go of it. */
export async function connectionOf(
  options: ServeOptions,
  clientName: string,
): Promise<{ messaging: Messaging; release: () => Promise<void> }> {
  if ('connection' in options) return { messaging: options.connection, release: () => Promise.resolve() };
  const { natsUrl: servers, namespace } = options;
  const messaging = await Messaging.connect({ servers, clientName, ...(namespace !== undefined && { namespace }) });
  return { messaging, release: () => messaging.close() };
}
