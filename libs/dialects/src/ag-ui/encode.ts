import {
  oneLine,
  timestampToMs,
  type CanonicalEvent,
  type JsonValue,
  type RecordedEvent,
  type Usage,
} from '@runcast/run-events';
import { asCanonical } from '../canonical.ts';
import { frameOf, type Frame } from '../dialect.ts';
import { textOf } from '../text-of.ts';

/**
 * One event at a time, and so without knowledge of what is open. A feed for their client goes through
 * {@link conform}, which keeps the protocol's rules about order.
 */
export function encode(event: RecordedEvent): Frame[] {
  if (event.dialect === 'ag-ui') return [{ data: oneLine(event.raw) }];
  const canonical = asCanonical(event);
  const said = (canonical && say(canonical)) ?? [{ type: 'CUSTOM', name: event.type, value: event.data }];
  const timestamp = timestampToMs(event.occurredAt);
  return said.map(({ type, ...more }) => frameOf({ type, timestamp, ...more }));
}

type Said = { type: string } & Record<string, unknown>;

/** Undefined for what the protocol has no word for: that travels as CUSTOM under our own name. */
function say(event: CanonicalEvent): Said[] | undefined {
  switch (event.type) {
    case 'run.started':
      return [{ type: 'RUN_STARTED', ...runOf(event) }];
    case 'run.completed': {
      const { output: result, usage, model } = event.data;
      return [
        { type: 'RUN_FINISHED', ...runOf(event), result, outcome: { type: 'success' }, usage: counted(usage, model) },
      ];
    }
    case 'run.cancelled':
      return [{ type: 'RUN_FINISHED', ...runOf(event), outcome: { type: 'cancelled' } }];
    case 'run.failed': {
      const { message, code, type } = event.data.error;
      return [{ type: 'RUN_ERROR', message, code: code ?? type }];
    }
    case 'step.started':
      return [{ type: 'STEP_STARTED', stepName: event.data.step }];
    case 'step.completed':
    case 'step.failed':
      return [{ type: 'STEP_FINISHED', stepName: event.data.step }];
    case 'tool-call.started':
      return toolCallStarted(event.data);
    case 'tool-call.completed':
    case 'tool-call.failed':
      return toolCallEnded(event);
    default:
      return sayMessage(event);
  }
}

function sayMessage(event: CanonicalEvent): Said[] | undefined {
  switch (event.type) {
    case 'message.received':
      return event.data.messages.flatMap(({ content }, index) =>
        message(`${event.id}:${index}`, 'user', textOf(content)),
      );
    case 'message.sent':
      return message(event.data.messageId ?? event.id, 'assistant', textOf(event.data.content));
    case 'message.delta':
      return [
        {
          type: 'TEXT_MESSAGE_CHUNK',
          messageId: event.data.messageId ?? event.run,
          role: 'assistant',
          delta: event.data.text,
        },
      ];
    case 'reasoning.emitted':
      return reasoning(event.id, event.data.text);
    default:
      return undefined;
  }
}

/** Their thread is our session. */
function runOf(event: RecordedEvent | CanonicalEvent) {
  return { threadId: event.session ?? event.run, runId: event.run };
}

/** Without a call id, start and end cannot be told to belong together, so the end alone shows the whole call. */
function toolCallStarted({ tool, callId, input }: { tool: string; callId?: string; input?: JsonValue }): Said[] {
  return callId === undefined ? [] : toolCall(callId, tool, input);
}

function toolCallEnded(event: Extract<CanonicalEvent, { type: 'tool-call.completed' | 'tool-call.failed' }>): Said[] {
  const { tool, callId, input, output } = event.data;
  const failed = event.type === 'tool-call.failed';
  const toolCallId = callId ?? event.id;
  const said = output ?? (failed ? event.data.error?.message : undefined) ?? '';
  const result = { type: 'TOOL_CALL_RESULT', messageId: event.id, toolCallId, content: textOf(said), role: 'tool' };
  const metadata = failed ? { tool, failed } : { tool };
  return [...(callId === undefined ? toolCall(toolCallId, tool, input) : []), { ...result, metadata }];
}

function toolCall(toolCallId: string, toolCallName: string, input: JsonValue | undefined): Said[] {
  const args = input === undefined ? [] : [{ type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input) }];
  return [{ type: 'TOOL_CALL_START', toolCallId, toolCallName }, ...args, { type: 'TOOL_CALL_END', toolCallId }];
}

/** Clients before 1.0 refuse an empty delta. */
function message(messageId: string, role: string, delta: string): Said[] {
  const content = delta === '' ? [] : [{ type: 'TEXT_MESSAGE_CONTENT', messageId, delta }];
  return [{ type: 'TEXT_MESSAGE_START', messageId, role }, ...content, { type: 'TEXT_MESSAGE_END', messageId }];
}

function reasoning(messageId: string, delta: string): Said[] {
  if (delta === '') return [];
  return [
    { type: 'REASONING_START', messageId },
    { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' },
    { type: 'REASONING_MESSAGE_CONTENT', messageId, delta },
    { type: 'REASONING_MESSAGE_END', messageId },
    { type: 'REASONING_END', messageId },
  ];
}

/** They count tokens by model, and no money. */
function counted(usage: Usage | undefined, model: string | undefined) {
  if (usage === undefined) return undefined;
  const { inputTokens, outputTokens, totalTokens } = usage;
  return [{ model, inputTokens, outputTokens, totalTokens }];
}
