import {
  isOver,
  memberText,
  oneLine,
  parseJson,
  type CanonicalEvent,
  type RecordedEvent,
  type RunState,
  type Usage,
} from '@runcast/run-events';
import { asCanonical } from '../canonical.ts';
import { frameOf, type Frame } from '../dialect.ts';
import { preview } from '../text-of.ts';
import { live } from './wire.ts';

/** How much of the answer `session:complete` shows; their page says only that it is a preview. */
export const CONTENT_PREVIEW_CHARACTERS = 500;

/** The live-session stream, camelCase. */
export function encode(event: RecordedEvent): Frame[] {
  const own = ownFrame(
    event,
    (name) => name !== undefined && (Object.hasOwn(live, name) || name.startsWith('session:')),
  );
  if (own) return [own];
  const canonical = asCanonical(event);
  return canonical ? say(canonical) : [];
}

/** An event that was recorded from the stream that is asked for, as it was. */
export function ownFrame(event: RecordedEvent, isOfStream: (name: string | undefined) => boolean): Frame | undefined {
  if (event.dialect !== 'zihin') return undefined;
  const name = parsedMember(event.raw, 'event') as string | undefined;
  if (!isOfStream(name)) return undefined;
  // The name was an id when it came in, and an id may hold a line break, which would end the SSE line early.
  if (name === undefined) return { data: String(parsedMember(event.raw, 'data')) };
  return { event: oneLine(name), data: oneLine(memberText(event.raw, 'data') ?? 'null') };
}

function parsedMember(raw: string, key: string): unknown {
  const parsed = parseJson(memberText(raw, key) ?? '');
  return parsed.ok ? parsed.value : undefined;
}

function say(event: CanonicalEvent): Frame[] {
  switch (event.type) {
    case 'run.started': {
      const { userId, source } = event.data;
      return [frameOf({ tenantId: event.tenant, agentId: event.agent ?? null, userId, source }, 'session:start')];
    }
    case 'run.phase-changed':
      return [frameOf({ phase: event.data.phase }, 'session:phase')];
    case 'tool-call.completed':
      return [frameOf({ tool: event.data.tool, success: true, result: event.data.output }, 'session:tool')];
    case 'tool-call.failed': {
      const { tool, output, error } = event.data;
      return [frameOf({ tool, success: false, result: output ?? error?.message }, 'session:tool')];
    }
    case 'reasoning.emitted':
      return [frameOf({ thought: event.data.text }, 'session:thinking')];
    case 'session.linked':
      return event.session === undefined ? [] : [frameOf({ sessionId: event.session }, 'session:linked')];
    case 'run.completed':
      return [complete(event.data)];
    case 'run.failed':
      return [frameOf({ error: event.data.error.message }, 'session:error')];
    case 'run.cancelled':
      return [frameOf({ error: event.data.reason ?? 'the run was cancelled' }, 'session:error')];
    case 'run.went-stale':
      return [frameOf({ error: `no event for ${event.data.idleMs} ms` }, 'session:error')];
    default:
      return [];
  }
}

function complete(data: Extract<CanonicalEvent, { type: 'run.completed' }>['data']): Frame {
  const { output, usage, iterations, durationMs } = data;
  const body = {
    contentPreview: output === undefined ? null : preview(output, CONTENT_PREVIEW_CHARACTERS),
    usage: usage ?? null,
    iterations: iterations ?? null,
    executionTimeMs: durationMs ?? null,
  };
  return frameOf(body satisfies { usage: Usage | null }, 'session:complete');
}

/**
 * What the live stream sends first: where the run stands. A control frame, so it must never carry a position.
 *
 * @param phase the run's last phase, where the caller knows it; else it is told from the status
 */
export function snapshot(state: RunState, phase?: string): Frame {
  const { run: executionId, agent: agentId = null, startedAt } = state;
  const told = phase ?? (isOver(state.status) ? 'RESPOND' : 'EXECUTE');
  return frameOf({ executionId, phase: told, agentId, startedAt: isoMs(startedAt) }, 'snapshot');
}

/** Their timestamps have three fraction digits. */
export function isoMs(timestamp: string): string {
  return `${timestamp.slice(0, 23)}Z`;
}
