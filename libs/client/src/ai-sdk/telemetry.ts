import type { ErrorFacts, Usage } from '@runcast/run-events';
import type { LanguageModelUsage, Telemetry } from 'ai';
import { errorFacts } from '../error-facts.ts';
import { toPlainJson } from '../plain-json.ts';
import type { OutgoingEvent } from '../sending/outgoing.ts';
import type { Sender } from '../sending/run-scope.ts';

export interface RuncastTelemetryOptions {
  readonly client: Sender;
  /** The call's `functionId` when left out. */
  readonly agent?: string;
  readonly session?: string;
  /** The id of the run that one call of the SDK is; the SDK's own id of the call unless told. */
  readonly run?: (callId: string) => string;
}

/** A call of the SDK that is under way. */
interface Operation {
  readonly names: Pick<OutgoingEvent, 'run' | 'session' | 'agent'>;
  readonly startedMs: number;
  step?: { readonly step: string; readonly stepId: string; readonly startedMs: number } | undefined;
  modelCall?: {
    readonly model: string;
    readonly provider: string;
    readonly callId: string;
    readonly startedMs: number;
  };
}

/**
 * Tells Runcast what `generateText` and `streamText` of the Vercel AI SDK (7) do: put it into `telemetry.integrations` of
 * a call, or register it for all calls. Each call is a run, each model round of it a step; tool calls and model calls
 * are told as such. `telemetry.recordInputs` and `recordOutputs` are obeyed: what the SDK withholds is not told.
 *
 * Other operations of the SDK (embeddings, speech, images) are not runs of an agent and are not told.
 */
export function runcastTelemetry(options: RuncastTelemetryOptions): Telemetry {
  const operations = new Map<string, Operation>();
  const { client } = options;

  function tell<T extends string>({ names }: Operation, type: T, data: OutgoingEvent<T>['data']): void {
    const level = type.endsWith('.failed') ? ('error' as const) : undefined;
    client.send<T>({ ...names, type, level, ...(data !== undefined && { data }) });
  }

  /** A step or model call that ends without a word of its own ends with the call around it. */
  function fail(callId: string, error: ErrorFacts): void {
    const operation = operations.get(callId);
    if (operation === undefined) return;
    const { modelCall, step } = operation;
    if (modelCall) tell(operation, 'llm-call.failed', { ...named(modelCall), error, durationMs: since(modelCall) });
    if (step) tell(operation, 'step.failed', { ...named(step), error, durationMs: since(step) });
    delete operation.modelCall;
    delete operation.step;
  }

  return {
    onStart(event) {
      if (!('operationId' in event) || !TOLD.has(event.operationId)) return;
      const agent = options.agent ?? event.functionId;
      const run = options.run?.(event.callId) ?? event.callId;
      const operation = { names: { run, agent, session: options.session }, startedMs: performance.now() };
      operations.set(event.callId, operation);
      const input = 'messages' in event ? withInput(event.messages) : {};
      tell(operation, 'run.started', { framework: 'ai-sdk', ...input });
    },

    onStepStart({ callId, stepNumber }) {
      const operation = operations.get(callId);
      if (!operation) return;
      operation.step = { step: `step ${stepNumber + 1}`, stepId: String(stepNumber), startedMs: performance.now() };
      tell(operation, 'step.started', named(operation.step));
    },

    onLanguageModelCallStart({ callId, modelId, provider, messages }) {
      const operation = operations.get(callId);
      if (!operation) return;
      const id = crypto.randomUUID();
      operation.modelCall = { model: modelId, provider, callId: id, startedMs: performance.now() };
      tell(operation, 'llm-call.started', { ...named(operation.modelCall), ...withInput(messages) });
    },

    onLanguageModelCallEnd({ callId, content, usage }) {
      const operation = operations.get(callId);
      if (!operation?.modelCall) return;
      const { modelCall } = operation;
      const data = { ...named(modelCall), ...withOutput(content), usage: usageOf(usage), durationMs: since(modelCall) };
      tell(operation, 'llm-call.completed', data);
      delete operation.modelCall;
    },

    onToolExecutionStart({ callId: call, toolCall }) {
      const operation = operations.get(call);
      if (!operation) return;
      const { toolName: tool, toolCallId: callId } = toolCall;
      tell(operation, 'tool-call.started', { tool, callId, ...withInput(toolCall.input) });
    },

    onToolExecutionEnd({ callId, toolCall, toolOutput, toolExecutionMs }) {
      const operation = operations.get(callId);
      if (!operation) return;
      const names = { tool: toolCall.toolName, callId: toolCall.toolCallId, durationMs: Math.round(toolExecutionMs) };
      if (toolOutput.type === 'tool-error') {
        tell(operation, 'tool-call.failed', { ...names, error: errorFacts(toolOutput.error) });
      } else tell(operation, 'tool-call.completed', { ...names, ...withOutput(toolOutput.output) });
    },

    onStepEnd({ callId, text }) {
      const operation = operations.get(callId);
      if (!operation?.step) return;
      const { step } = operation;
      tell(operation, 'step.completed', { ...named(step), ...withOutput(text), durationMs: since(step) });
      delete operation.step;
    },

    onStepError({ callId, error }) {
      fail(callId, errorFacts(error));
    },

    onEnd(event) {
      const operation = operations.get(event.callId);
      if (!operation || !('totalUsage' in event)) return;
      operations.delete(event.callId);
      const output = withOutput(event.text);
      tell(operation, 'run.completed', {
        ...output,
        usage: usageOf(event.totalUsage),
        model: event.model.modelId,
        durationMs: since(operation),
      });
    },

    onAbort({ callId }) {
      const operation = operations.get(callId);
      if (!operation) return;
      fail(callId, { message: 'The call was aborted', type: 'AbortError' });
      operations.delete(callId);
      tell(operation, 'run.cancelled', { reason: 'aborted by the agent' });
    },

    onError(event) {
      const { callId, error } = event as { callId?: string; error?: unknown };
      const operation = callId === undefined ? undefined : operations.get(callId);
      if (!operation || callId === undefined) return;
      fail(callId, errorFacts(error));
      operations.delete(callId);
      tell(operation, 'run.failed', { error: errorFacts(error), durationMs: since(operation) });
    },
  };
}

const TOLD = new Set(['ai.generateText', 'ai.streamText']);

function since({ startedMs }: { readonly startedMs: number }): number {
  return Math.round(performance.now() - startedMs);
}

function named<T extends { readonly startedMs: number }>({ startedMs: _startedMs, ...names }: T): Omit<T, 'startedMs'> {
  return names;
}

function withInput(input: unknown) {
  return input === undefined ? {} : { input: toPlainJson(input) };
}

function withOutput(output: unknown) {
  return output === undefined ? {} : { output: toPlainJson(output) };
}

function usageOf({ inputTokens, outputTokens, totalTokens }: LanguageModelUsage): Usage {
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(totalTokens !== undefined && { totalTokens }),
  };
}
