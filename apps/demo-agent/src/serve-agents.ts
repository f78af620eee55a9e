import type { RuncastClient } from '@runcast/client';
import { RuncastCallbackHandler } from '@runcast/client/langchain';
import { Messaging, serveAgent, serveWorkflow, type Handler } from '@runcast/client/serve';
import { isJsonObject, type JsonObject, type JsonValue } from '@runcast/run-events';
import { AGENTS } from './assignments.ts';
import type { DemoConfig } from './config.ts';
import { perform, type Workplace } from './work.ts';

/** The demo's workflow: the same graph, asked for by name and stored until it has been run. */
export const FLOW = 'research-flow';
const FLOW_QUESTION = 'Sum up our documents, and how the recent runs went.';

/** Serves the demo's agents and its workflow to every endpoint of Runcast that starts one. */
export async function serveAgents(
  { natsUrl, tenant, namespace, login }: NonNullable<DemoConfig['serve']>,
  place: Workplace,
  client: RuncastClient,
): Promise<{ stop(): Promise<void> }> {
  const named = namespace === undefined ? {} : { namespace };
  const connection = await Messaging.connect({ servers: natsUrl, clientName: 'demo-agent', login, ...named });
  // Told in our own form, in which model calls have a name of their own.
  const observer = new RuncastCallbackHandler({ client, dialect: 'runcast' });
  const handler = handlerAt({ ...place, observer }, client);
  const options = { tenant, connection };
  const serving = await Promise.all([
    ...AGENTS.map((agent) => serveAgent(agent, handler, options)),
    serveWorkflow(FLOW, handler, options),
  ]);
  return {
    stop: async () => {
      await Promise.all(serving.map((each) => each.stop()));
      await connection.close();
    },
  };
}

/** A command is an assignment like any other, but that somebody waits for its answer. */
export function handlerAt(place: Workplace, client: Pick<RuncastClient, 'send'>): Handler {
  return async ({ agent, run, session, message, input }, { signal }) => {
    const names = { run, agent, ...(session !== undefined && { session }) };
    const question = message || textIn(input, 'question') || FLOW_QUESTION;
    const say = (content: string): void => void client.send({ ...names, type: 'message.sent', data: { content } });
    await perform({ ...names, question }, place, { say, signal });
  };
}

/** Where a workflow's request has it: among its inputs, bare or wrapped. */
function textIn(input: JsonObject, name: string): string | undefined {
  const flow = isJsonObject(input['flow_data']) ? input['flow_data'] : input;
  const inputs: JsonValue | undefined = flow['default_inputs'];
  const value = isJsonObject(inputs) ? inputs[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
