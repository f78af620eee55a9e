import { takeWorkflows, type GiveUp } from '@runcast/agent-commands';
import { connectionOf, DEFAULT_MAX_UNDER_WAY, type Handler, type ServeOptions, type Serving } from './options.ts';
import { failure, runningWith } from './run-handler.ts';
import { tellerOf } from './tell.ts';

export interface WorkflowOptions {
  /** After how long without a sign of life of its worker a run is given to another. 30,000 unless told. */
  readonly ackWaitMs?: number;
}

const ACK_WAIT_MS = 30_000;

/**
 * Serves a workflow. Unlike an agent's, its commands are stored until a handler has settled: one whose process dies is
 * handled again by another, under the same run id, which the log shows as a new attempt. After five such deaths the run is
 * told as failed.
 */
export async function serveWorkflow(
  flow: string,
  handler: Handler,
  options: ServeOptions & WorkflowOptions,
): Promise<Serving> {
  const { messaging, release } = await connectionOf(options, `workflow ${flow}`);
  const { tenant, maxUnderWay = DEFAULT_MAX_UNDER_WAY, ackWaitMs = ACK_WAIT_MS } = options;
  const giveUp: GiveUp = (command, deliveries) => {
    const reason = new Error(`given up: its worker died ${deliveries} times`);
    return tellerOf(command, messaging)(failure(command, reason));
  };
  const running = runningWith(handler, messaging);
  const taking = await takeWorkflows(messaging, { tenant, agent: flow, maxUnderWay, ackWaitMs }, running, giveUp);
  return {
    get underWay() {
      return taking.underWay;
    },
    stop: async () => {
      await taking.stop();
      await release();
    },
  };
}
