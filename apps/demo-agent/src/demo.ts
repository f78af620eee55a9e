import { MemorySaver } from '@langchain/langgraph';
import { RuncastClient } from '@runcast/client';
import { RuncastCallbackHandler } from '@runcast/client/langchain';
import { setTimeout as delay } from 'node:timers/promises';
import { askThroughRuncast, sayYes } from './approval.ts';
import type { Assignment } from './assignments.ts';
import type { DemoConfig } from './config.ts';
import { buildResearchGraph } from './graph.ts';
import { RULE_MODEL_NAME, RuleModel } from './model/rule-model.ts';
import { agentTools } from './tools/agent-tools.ts';
import { serveAgents } from './serve-agents.ts';
import { work, type Log } from './work.ts';

/** What the model would cost if it were real, so that the demo's runs have costs to show. */
const PRICES = { [RULE_MODEL_NAME]: { inputPerMillionUsd: 3, outputPerMillionUsd: 15 } };
/** About the pace of a real model. */
const MS_PER_TOKEN = 8;
/** Together with the run under way below the five seconds that a stop may take. */
const CLOSE_TIMEOUT_MS = 3_000;

/**
 * Runs the demo agent until its assignments are done or `stop` aborts, and serves it meanwhile to who asks over NATS. A stop takes away the agent's pauses, so that
 * the run under way comes to its end at once instead of being cut off; then what is left to send is sent.
 *
 * @param documents the folder whose documents the agent reads.
 */
export async function runDemo(
  config: DemoConfig,
  assignments: Iterable<Assignment>,
  documents: string,
  log: Log,
  stop: AbortSignal,
): Promise<void> {
  const client = new RuncastClient({
    url: config.url,
    apiKey: config.apiKey,
    onDrop: (dropped) => log('error', 'event dropped', dropped),
    onRetry: (retry) => log('info', 'Runcast is not available', retry),
  });
  const pause = (ms: number) => delay(ms, undefined, { signal: stop }).catch(() => undefined);
  const isHurried = config.intervalMs === 0;
  const model = new RuleModel(
    (tokens) => pause(isHurried ? 0 : tokens * MS_PER_TOKEN),
    () => crypto.randomUUID(),
  );
  const checkpointer = new MemorySaver();
  const tools = agentTools({ ...config, documents, fetch });
  const graph = buildResearchGraph(model, tools, checkpointer);
  const observer = new RuncastCallbackHandler({ client, prices: PRICES });
  const connection = { url: config.realtimeUrl, apiKey: config.apiKey };
  const askPerson = isHurried ? sayYes : askThroughRuncast({ connection, pause, stop, fetch });
  const place = { graph, checkpointer, observer, log, pause, askPerson, patienceMs: config.patienceMs };
  const serving = config.serve && (await serveAgents(config.serve, place, client));
  await work(assignments, place, config.intervalMs, stop);
  await serving?.stop();
  await client.close({ timeoutMs: CLOSE_TIMEOUT_MS });
}
