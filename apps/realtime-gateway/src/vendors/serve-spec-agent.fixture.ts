import { Redactor } from '@runcast/redaction';
import { takeCommands, type AgentCommand } from '@runcast/agent-commands';
import type { JsonObject } from '@runcast/run-events';
import { Recorder } from './recorder.ts';
import type { GatewayUnderTest } from './gateway-under-test.fixture.ts';

/** Tells one event of the run. */
export type TellEvent = (type: string, data?: JsonObject) => Promise<void>;

/** Serves an agent of tenant acme that tells what `script` says. Returns how to stop it, and the commands that came. */
export async function serveSpecAgent(
  under: GatewayUnderTest,
  agent: string,
  script: (command: AgentCommand, tell: TellEvent, signal: AbortSignal) => Promise<void>,
) {
  const commands: AgentCommand[] = [];
  const recorder = new Recorder(under.log, () => new Redactor());
  const taking = await takeCommands(under.messaging, { tenant: 'acme', agent, maxUnderWay: 8 }, (command, signal) => {
    commands.push(command);
    const { tenant, run, session } = command;
    const hints = { run, agent, ...(session !== undefined && { session }) };
    const tell: TellEvent = async (type, data = {}) => {
      await recorder.record({ tenant, dialect: 'runcast', body: { type, data }, hints });
    };
    return script(command, tell, signal);
  });
  return { commands, stop: () => taking.stop() };
}

/** What an agent does that thinks, uses a tool and answers. */
export async function answering({ message }: AgentCommand, tell: TellEvent): Promise<void> {
  await tell('run.started', { input: { question: message }, framework: 'spec' });
  await tell('run.phase-changed', { phase: 'EXECUTE' });
  await tell('tool-call.started', { tool: 'search', callId: 'c1', input: { query: message } });
  await tell('tool-call.completed', { tool: 'search', callId: 'c1', output: '5 found' });
  await tell('reasoning.emitted', { text: 'Processing' });
  await tell('warning.raised', { message: 'slow' });
  await tell('message.sent', { content: `You said: ${message}` });
  await tell('usage.reported', { usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7, costUsd: 0.001 } });
  await tell('run.completed', { output: { answer: `You said: ${message}` } });
}
