import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import type { Serialized } from '@langchain/core/load/serializable';
import type { BaseMessage } from '@langchain/core/messages';
import type { LLMResult } from '@langchain/core/outputs';
import type { JsonValue } from '@runcast/run-events';
import type { RuncastClient } from '../runcast-client.ts';
import { interruptsOf, resumeOf } from './human-input.ts';
import { namesOf, threadOf, type InvocationMetadata } from './invocation.ts';
import { answerOf, type ModelPrices } from './model-usage.ts';
import { isMessage, toPlainJson } from '../plain-json.ts';
import { RunTrace, type ModelSpan, type RunNames, type StepSpan, type ToolSpan } from './run-trace.ts';
import { toSdkBody, type TracedEvent } from './sdk-payload.ts';
import { WaitingRuns } from './waiting-runs.ts';

export interface RuncastCallbackHandlerOptions {
  readonly client: Pick<RuncastClient, 'send' | 'sendIngest'>;
  /** The graph's own name when left out. */
  readonly agent?: string;
  /** The graph's `thread_id` when left out: its conversation. */
  readonly session?: string;
  /** `agent-os` (unless told) speaks to `/api/ingest` in its SDK's seven types; `runcast` tells model calls too. */
  readonly dialect?: 'agent-os' | 'runcast';
  readonly framework?: string;
  /** By model name. A model without a price has no cost instead of a wrong one. */
  readonly prices?: ModelPrices;
  /** A clock for durations, in milliseconds. */
  readonly now?: () => number;
}

/** A callback that has begun and not ended. */
type Span = { readonly trace: RunTrace } & (
  | { readonly kind: 'root'; readonly thread: string | undefined }
  | { readonly kind: 'inner' }
  | { readonly kind: 'step'; readonly step: StepSpan }
  | { readonly kind: 'tool'; readonly call: ToolSpan }
  | { readonly kind: 'model'; readonly call: ModelSpan }
);

/**
 * Tells Runcast what a LangGraph graph or a LangChain chain does: pass it in the `callbacks` of an invocation.
 *
 * - An invocation is a run; a node of the graph is a step, in subgraphs too; tool calls and model calls are told as
 *   such. What LangChain does between them (channel writes, branches, inner sequences) is not told.
 * - A run that stops for a question goes on as the same run when it is resumed with a Command: found by its
 *   `thread_id` in this handler, or named by `metadata.runcast_run` where another process resumes it.
 * - A model or tool that is called outside of any chain is not a run and is not told. Nor can a callback see a stop
 *   made with `interruptBefore` or `interruptAfter`: it looks like the end of the run.
 *
 * {@link InvocationMetadata} names the run, its session and its agent, invocation by invocation.
 */
export class RuncastCallbackHandler extends BaseCallbackHandler {
  override readonly name = 'runcast';
  readonly #options: RuncastCallbackHandlerOptions;
  /** Under LangChain's ids. */
  readonly #spans = new Map<string, Span>();
  readonly #waiting = new WaitingRuns();

  constructor(options: RuncastCallbackHandlerOptions) {
    // Called in place. By default LangChain queues callbacks and calls them late, when the times are wrong.
    super({ _awaitHandler: true });
    this.#options = options;
  }

  /** LangChain's copies would not know the runs that are under way. */
  override copy(): this {
    return this;
  }

  override handleChainStart(
    _chain: Serialized,
    inputs: unknown,
    id: string,
    parentId?: string,
    tags: string[] = [],
    metadata: Record<string, unknown> = {},
    _runType?: string,
    runName?: string,
  ): void {
    if (parentId === undefined) return this.#beginRun(inputs, id, metadata, runName);
    const trace = this.#spans.get(parentId)?.trace;
    if (!trace) return;
    if (!isGraphNode(tags)) this.#spans.set(id, { kind: 'inner', trace });
    else {
      const task = asText(metadata['langgraph_checkpoint_ns']) ?? id;
      const step = trace.startStep(asText(metadata['langgraph_node']) ?? runName ?? 'node', task);
      this.#spans.set(id, { kind: 'step', trace, step });
    }
  }

  override handleChainEnd(outputs: unknown, id: string): void {
    const span = this.#take(id);
    if (span?.kind === 'step') span.trace.completeStep(span.step, toPlainJson(outputs));
    if (span?.kind !== 'root') return;
    if (!span.trace.isWaiting) span.trace.complete(toPlainJson(outputs));
    this.#leaveRun(span);
  }

  override handleChainError(thrown: unknown, id: string): void {
    const span = this.#take(id);
    if (span?.kind === 'step') span.trace.leaveStep(span.step, thrown);
    if (span?.kind !== 'root') return;
    const interrupts = interruptsOf(thrown);
    if (interrupts) span.trace.ask(interrupts);
    else span.trace.fail(thrown);
    this.#leaveRun(span);
  }

  override handleToolStart(
    tool: Serialized,
    input: string,
    id: string,
    parentId?: string,
    _tags?: string[],
    _metadata?: Record<string, unknown>,
    runName?: string,
    toolCallId?: string,
  ): void {
    const trace = this.#traceAround(parentId);
    const name = runName ?? tool.name ?? tool.id.at(-1) ?? 'tool';
    if (trace) this.#spans.set(id, { kind: 'tool', trace, call: trace.startToolCall(name, toolCallId ?? id, input) });
  }

  override handleToolEnd(output: unknown, id: string): void {
    const span = this.#take(id);
    if (span?.kind === 'tool') span.trace.completeToolCall(span.call, toolOutput(output));
  }

  override handleToolError(thrown: unknown, id: string): void {
    const span = this.#take(id);
    if (span?.kind === 'tool') span.trace.leaveToolCall(span.call, thrown);
  }

  override handleChatModelStart(
    model: Serialized,
    messages: BaseMessage[][],
    id: string,
    parentId?: string,
    extraParams?: Record<string, unknown>,
    _tags?: string[],
    metadata?: Record<string, unknown>,
  ): void {
    // LangChain calls this once for each conversation, and handleLLMStart once for each prompt.
    this.handleLLMStart(model, messages, id, parentId, extraParams, _tags, metadata);
  }

  override handleLLMStart(
    _model: Serialized,
    [input]: readonly unknown[],
    id: string,
    parentId?: string,
    extraParams: Record<string, unknown> = {},
    _tags?: string[],
    metadata: Record<string, unknown> = {},
  ): void {
    const trace = this.#traceAround(parentId);
    if (!trace) return;
    const parameters = (extraParams['invocation_params'] ?? {}) as Record<string, unknown>;
    const model = asText(parameters['model']) ?? asText(metadata['ls_model_name']);
    const provider = asText(metadata['ls_provider']);
    const names = { callId: id, ...(model !== undefined && { model }), ...(provider !== undefined && { provider }) };
    this.#spans.set(id, { kind: 'model', trace, call: trace.startModelCall(names, toPlainJson(input)) });
  }

  override handleLLMEnd(result: LLMResult, id: string): void {
    const span = this.#take(id);
    if (span?.kind !== 'model') return;
    span.trace.completeModelCall(span.call, answerOf(result, span.call.names.model, this.#options.prices ?? {}));
  }

  override handleLLMError(thrown: unknown, id: string): void {
    const span = this.#take(id);
    if (span?.kind === 'model') span.trace.failModelCall(span.call, thrown);
  }

  #beginRun(inputs: unknown, id: string, metadata: InvocationMetadata, runName: string | undefined): void {
    const thread = threadOf(metadata);
    const waiting = thread === undefined ? undefined : this.#waiting.take(thread);
    const resume = resumeOf(inputs);
    const goesOn = resume !== undefined && (waiting !== undefined || metadata.runcast_run !== undefined);
    const trace = (goesOn ? waiting : undefined) ?? this.#newTrace(namesOf(metadata, this.#options, id, runName));
    this.#spans.set(id, { kind: 'root', trace, thread });
    if (goesOn && metadata.runcast_answer_is_told) trace.takeAnswer();
    else if (goesOn) trace.answer(resume.answer, metadata.runcast_responded_by);
    else trace.start(toPlainJson(inputs), this.#options.framework ?? 'langgraph');
  }

  #newTrace(names: RunNames): RunTrace {
    const now = this.#options.now ?? (() => performance.now());
    return new RunTrace(names, (about, event) => this.#send(about, event), now);
  }

  #send({ run, session, agent }: RunNames, event: TracedEvent): void {
    const { client, dialect = 'agent-os' } = this.#options;
    if (dialect === 'runcast') {
      const level = event.type.endsWith('.failed') ? 'error' : undefined;
      client.send({ ...event, run, session, agent, level });
    } else {
      const body = toSdkBody(event);
      if (body) client.sendIngest({ ...body, sdk_run_id: run, agent_name: agent, session_id: session });
    }
  }

  #traceAround(parentId: string | undefined): RunTrace | undefined {
    return parentId === undefined ? undefined : this.#spans.get(parentId)?.trace;
  }

  #take(id: string): Span | undefined {
    const span = this.#spans.get(id);
    this.#spans.delete(id);
    return span;
  }

  /** What was cut off by the end of its graph never ends for LangChain, and would be kept for ever. */
  #leaveRun({ trace, thread }: Extract<Span, { kind: 'root' }>): void {
    if (trace.isWaiting && thread !== undefined) this.#waiting.keep(thread, trace);
    for (const [id, span] of this.#spans) if (span.trace === trace) this.#spans.delete(id);
  }
}

/** LangGraph tags the work of its nodes with the step of the graph, and hides its own inner workings. */
function isGraphNode(tags: readonly string[]): boolean {
  return tags.some((tag) => tag.startsWith('graph:step:')) && !tags.includes('langsmith:hidden');
}

function toolOutput(output: unknown): JsonValue {
  const isAnswer = typeof output === 'object' && output !== null && isMessage(output);
  return toPlainJson(isAnswer ? output.content : output);
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
