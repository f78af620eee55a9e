import type { EventData, JsonValue, Usage } from '@runcast/run-events';
import { errorFacts, tracebackOf } from '../error-facts.ts';
import { interruptsOf, isSteering, questionOf, type Interrupt } from './human-input.ts';
import { addUsages } from './model-usage.ts';
import type { TracedEvent } from './sdk-payload.ts';

/** Under which names a run is reported. */
export interface RunNames {
  readonly run: string;
  readonly session?: string | undefined;
  readonly agent?: string | undefined;
}

export type Emit = (names: RunNames, event: TracedEvent) => void;

/** A node of the graph at work. `stepId` is LangGraph's name of the task: the same before and after a question. */
export interface StepSpan {
  readonly step: string;
  readonly stepId: string;
  readonly startedMs: number;
}

export interface ToolSpan {
  readonly tool: string;
  readonly callId: string;
  readonly input: JsonValue;
  readonly startedMs: number;
}

export interface ModelSpan {
  readonly names: { readonly callId: string; readonly model?: string; readonly provider?: string };
  readonly startedMs: number;
}

/**
 * One run as it is told to Runcast: keeps what several callbacks know together (time, tokens, open questions) and
 * emits each fact once, in the order it happens.
 */
export class RunTrace {
  readonly #names: RunNames;
  readonly #emit: Emit;
  readonly #now: () => number;
  readonly #startedMs: number;
  #usage: Usage | undefined;
  #model: string | undefined;
  /** What has been asked and not answered. */
  readonly #openQuestions = new Set<string>();
  /** What a question stopped: it runs again from its beginning after the answer and is still the same step or call. */
  readonly #interruptedSteps = new Map<string, StepSpan>();
  readonly #interruptedTools = new Map<string, ToolSpan>();

  /** @param now a clock for durations, in milliseconds. */
  constructor(names: RunNames, emit: Emit, now: () => number) {
    this.#names = names;
    this.#emit = emit;
    this.#now = now;
    this.#startedMs = now();
  }

  /** Whether the graph has stopped for a question. Its run is not over. */
  get isWaiting(): boolean {
    return this.#openQuestions.size > 0;
  }

  start(input: JsonValue, framework: string): void {
    this.#tell({ type: 'run.started', data: { framework, input } });
  }

  complete(output: JsonValue): void {
    const usage = this.#usage && { usage: this.#usage };
    const model = this.#model !== undefined && { model: this.#model };
    this.#tell({
      type: 'run.completed',
      data: { output, durationMs: this.#since(this.#startedMs), ...usage, ...model },
    });
  }

  fail(thrown: unknown): void {
    // Nobody can answer a run that has failed.
    this.#openQuestions.clear();
    const traceback = tracebackOf(thrown);
    const durationMs = this.#since(this.#startedMs);
    const data = { error: errorFacts(thrown), durationMs, ...(traceback !== undefined && { traceback }) };
    this.#tell({ type: 'run.failed', data });
  }

  /** A question passes through all nodes and graphs around it; it is asked once. */
  ask(interrupts: readonly Interrupt[]): void {
    for (const question of interrupts.map(questionOf)) {
      const key = question.requestId ?? question.question;
      if (!this.#openQuestions.has(key)) this.#tell({ type: 'human-input.requested', data: question });
      this.#openQuestions.add(key);
    }
  }

  /** An answer that Runcast's log has already. */
  takeAnswer(): void {
    this.#openQuestions.clear();
  }

  answer(response: JsonValue, respondedBy: string | undefined): void {
    this.takeAnswer();
    this.#tell({ type: 'human-input.received', data: { response, ...(respondedBy !== undefined && { respondedBy }) } });
  }

  startStep(step: string, stepId: string): StepSpan {
    const interrupted = takeFrom(this.#interruptedSteps, stepId);
    if (interrupted) return interrupted;
    this.#tell({ type: 'step.started', data: { step, stepId } });
    return { step, stepId, startedMs: this.#now() };
  }

  completeStep({ step, stepId, startedMs }: StepSpan, output?: JsonValue): void {
    const data = { step, stepId, durationMs: this.#since(startedMs) };
    this.#tell({ type: 'step.completed', data: output === undefined ? data : { ...data, output } });
  }

  leaveStep(span: StepSpan, thrown: unknown): void {
    const { step, stepId, startedMs } = span;
    const interrupts = interruptsOf(thrown);
    if (interrupts) {
      this.#interruptedSteps.set(stepId, span);
      this.ask(interrupts);
    } else if (isSteering(thrown)) this.completeStep(span);
    else {
      const data = { step, stepId, error: errorFacts(thrown), durationMs: this.#since(startedMs) };
      this.#tell({ type: 'step.failed', data });
    }
  }

  startToolCall(tool: string, callId: string, input: JsonValue): ToolSpan {
    const interrupted = takeFrom(this.#interruptedTools, callId);
    if (interrupted) return interrupted;
    this.#tell({ type: 'tool-call.started', data: { tool, callId, input } });
    return { tool, callId, input, startedMs: this.#now() };
  }

  completeToolCall({ startedMs, ...call }: ToolSpan, output: JsonValue): void {
    this.#tell({ type: 'tool-call.completed', data: { ...call, output, durationMs: this.#since(startedMs) } });
  }

  leaveToolCall(span: ToolSpan, thrown: unknown): void {
    const { startedMs, ...call } = span;
    const interrupts = interruptsOf(thrown);
    if (interrupts) {
      this.#interruptedTools.set(span.callId, span);
      this.ask(interrupts);
    } else {
      const data = { ...call, error: errorFacts(thrown), durationMs: this.#since(startedMs) };
      this.#tell({ type: 'tool-call.failed', data });
    }
  }

  startModelCall(names: ModelSpan['names'], input: JsonValue): ModelSpan {
    this.#tell({ type: 'llm-call.started', data: { ...names, input } });
    return { names, startedMs: this.#now() };
  }

  completeModelCall(span: ModelSpan, facts: Pick<EventData['llm-call.completed'], 'model' | 'output' | 'usage'>): void {
    const data = { ...span.names, ...facts, durationMs: this.#since(span.startedMs) };
    this.#model = data.model ?? this.#model;
    if (facts.usage) this.#usage = this.#usage ? addUsages(this.#usage, facts.usage) : facts.usage;
    this.#tell({ type: 'llm-call.completed', data });
  }

  failModelCall(span: ModelSpan, thrown: unknown): void {
    const data = { ...span.names, error: errorFacts(thrown), durationMs: this.#since(span.startedMs) };
    this.#tell({ type: 'llm-call.failed', data });
  }

  #since(startedMs: number): number {
    return Math.max(0, Math.round(this.#now() - startedMs));
  }

  #tell(event: TracedEvent): void {
    this.#emit(this.#names, event);
  }
}

function takeFrom<Value>(map: Map<string, Value>, key: string): Value | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}
