import { takeCommands } from '@runcast/agent-commands';
import { connectionOf, DEFAULT_MAX_UNDER_WAY, type Handler, type ServeOptions, type Serving } from './options.ts';
import { runningForSure } from './run-handler.ts';

/**
 * Serves an agent: every endpoint of Runcast that starts it calls the handler, in one of the processes that serve it.
 * Resolves when commands arrive; rejects when NATS cannot be reached.
 */
export async function serveAgent(agentId: string, handler: Handler, options: ServeOptions): Promise<Serving> {
  const { messaging, release } = await connectionOf(options, `agent ${agentId}`);
  const { tenant, maxUnderWay = DEFAULT_MAX_UNDER_WAY, onFault } = options;
  const running = runningForSure(handler, messaging, onFault);
  const taking = await takeCommands(messaging, { tenant, agent: agentId, maxUnderWay }, running);
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
