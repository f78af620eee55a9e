import { encodeStream, type Frame } from '@runcast/dialects';
import type { RecordedEvent } from '@runcast/run-events';

export interface Announced {
  readonly run: string;
  readonly agent: string;
  readonly session: string | undefined;
  readonly tenant: string;
}

/** What the stream begins with, before the agent has said a word. Control frames: no event stands behind them. */
export function openingFrames({ run, agent, session, tenant }: Announced, now: string): Frame[] {
  const metadata = { request_id: run, agent_id: agent, session_id: session ?? null, tenant_id: tenant };
  return [
    { event: 'metadata', data: JSON.stringify(metadata) },
    { event: 'status', data: JSON.stringify({ phase: 'STARTING', timestamp: now }) },
  ];
}

/** The agent's own announcement would be a second one. */
export function answerFrames(event: RecordedEvent): Frame[] {
  return encodeStream(event).filter((frame) => frame.event !== 'metadata');
}
