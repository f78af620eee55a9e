import type { WatchedEvent } from '@runcast/client';
import type { EventData } from '@runcast/run-events';
import type { Span, SpanKind, SpanState } from './span.ts';

interface Node {
  readonly id: string;
  readonly kind: SpanKind;
  readonly name: string;
  /** What its end is recognised by, within its kind. */
  readonly key: string;
  readonly children: Node[];
  startMs: number;
  endMs?: number;
  state: SpanState;
  note?: string;
  readonly events: number[];
}

interface Ending {
  readonly kind: SpanKind;
  readonly key: string;
  readonly name: string;
  readonly state: SpanState;
  readonly durationMs: number | undefined;
  readonly note?: string | undefined;
}

/**
 * The nested spans of a run, made of its events one by one. Total: any event may follow any other, ends may come without
 * a beginning and beginnings without an end. The same events give the same spans, one at a time or all at once.
 *
 * Events do not name their parents, so nesting is by time: whatever begins while a step is open belongs to the innermost
 * step that is open, and a step whose id continues another's (`a|b` under `a`, as graphs within graphs have it) to that.
 */
export class SpanTree {
  readonly #roots: Node[] = [];
  /** What has begun and not ended, in the order of beginning. */
  #open: Node[] = [];
  #run: Node | undefined;
  #isGivenUp = false;
  #count = 0;

  add(event: WatchedEvent): void {
    const index = this.#count;
    this.#count += 1;
    const at = Date.parse(event.occurred_at);
    const data = event.data as Record<string, unknown>;
    switch (event.type) {
      case 'run.started':
        return this.#startRun(event, index, at);
      case 'run.completed':
        return this.#endRun(index, at, 'done');
      case 'run.failed':
        return this.#endRun(index, at, 'failed', (data as unknown as EventData['run.failed']).error.message);
      case 'run.cancelled':
        return this.#endRun(index, at, 'cancelled');
      case 'run.went-stale':
        this.#endRun(index, at, 'failed', 'gave no sign of life');
        this.#isGivenUp = true;
        return;
      case 'human-input.requested':
        return this.#begin('wait', 'human input', 'wait', event, index, at, text(data['question']));
      case 'human-input.received':
        return this.#end(event, index, at, {
          kind: 'wait',
          key: 'wait',
          name: 'human input',
          state: 'done',
          durationMs: undefined,
        });
      default:
        return this.#workEvent(event, data, index, at);
    }
  }

  /** In the order of the screen: each span before what is inside it. */
  spans(): Span[] {
    const flat: Span[] = [];
    const walk = (nodes: readonly Node[], depth: number): void => {
      for (const { id, kind, name, startMs, endMs, state, note, events, children } of nodes) {
        flat.push({
          id,
          kind,
          name,
          depth,
          startMs,
          state,
          events,
          ...(endMs !== undefined && { endMs }),
          ...(note !== undefined && { note }),
        });
        walk(children, depth + 1);
      }
    };
    walk(this.#roots, 0);
    return flat;
  }

  #workEvent(event: WatchedEvent, data: Record<string, unknown>, index: number, at: number): void {
    const [subject, phase] = event.type.split('.');
    const work = WORK[subject ?? ''];
    if (work === undefined) return this.#ensureRun(event, index, at);
    const { name, key } = work.names(data);
    if (phase === 'started') return this.#begin(work.kind, name, key, event, index, at, work.note(data));
    if (phase !== 'completed' && phase !== 'failed') return this.#ensureRun(event, index, at);
    this.#end(event, index, at, {
      kind: work.kind,
      key,
      name,
      state: phase === 'failed' ? 'failed' : 'done',
      durationMs: typeof data['durationMs'] === 'number' ? data['durationMs'] : undefined,
      note: phase === 'failed' ? messageOf(data['error']) : work.note(data),
    });
  }

  #startRun(event: WatchedEvent, index: number, at: number): void {
    // A start that arrives behind the run's first events begins the run they made necessary; any other a new attempt.
    if (this.#run?.state === 'running' && this.#run.key === 'early') {
      Object.assign(this.#run, { startMs: Math.min(at, this.#run.startMs), key: 'run' });
      this.#run.events.push(index);
      return;
    }
    this.#closeAll(at, 'cancelled');
    this.#isGivenUp = false;
    this.#run = this.#place({ kind: 'run', name: event.agent ?? event.flow ?? 'run', key: 'run' }, event, index, at);
  }

  #ensureRun(event: WatchedEvent, index: number, at: number): void {
    this.#run ??= this.#place(
      { kind: 'run', name: event.agent ?? event.flow ?? 'run', key: 'early' },
      event,
      index,
      at,
    );
    if (this.#isGivenUp) this.#revive(this.#run);
  }

  /** A run that was given up for its silence and speaks again goes on. */
  #revive(run: Node): void {
    this.#isGivenUp = false;
    run.state = 'running';
    delete run.endMs;
    delete run.note;
    this.#open.push(run);
  }

  #endRun(index: number, at: number, state: SpanState, note?: string): void {
    const run = this.#run;
    if (run === undefined || run.state !== 'running') return;
    this.#closeAll(at, state === 'done' ? 'done' : state);
    run.events.push(index);
    run.state = state;
    if (note !== undefined) run.note = note;
  }

  #begin(
    kind: SpanKind,
    name: string,
    key: string,
    event: WatchedEvent,
    index: number,
    at: number,
    note: string | undefined,
  ): void {
    this.#ensureRun(event, index, at);
    const node = this.#place({ kind, name, key }, event, index, at);
    if (note !== undefined) node.note = note;
  }

  #end(event: WatchedEvent, index: number, at: number, ending: Ending): void {
    this.#ensureRun(event, index, at);
    const found = this.#open.find(({ kind, key }) => kind === ending.kind && key === ending.key);
    const node = found ?? this.#place(ending, event, index, at - (ending.durationMs ?? 0));
    if (found) node.events.push(index);
    node.endMs = Math.max(at, node.startMs);
    node.state = ending.state;
    if (ending.note !== undefined) node.note = ending.note;
    this.#open = this.#open.filter((open) => open !== node);
  }

  #place(
    { kind, name, key }: Pick<Node, 'kind' | 'name' | 'key'>,
    event: WatchedEvent,
    index: number,
    startMs: number,
  ): Node {
    const node: Node = {
      id: `${kind}.${event.id}`,
      kind,
      name,
      key,
      children: [],
      startMs,
      state: 'running',
      events: [index],
    };
    (this.#parentOf(node)?.children ?? this.#roots).push(node);
    this.#open.push(node);
    return node;
  }

  #parentOf({ kind, key }: Node): Node | undefined {
    if (kind === 'run') return undefined;
    const steps = this.#open.filter((open) => open.kind === 'step');
    if (kind !== 'step') return steps.at(-1) ?? this.#run;
    return steps.findLast((step) => key.startsWith(`${step.key}|`)) ?? this.#run;
  }

  /** With the run ends what was cut off inside it, and would otherwise seem to run for ever. */
  #closeAll(at: number, state: SpanState): void {
    for (const node of this.#open) {
      node.endMs = Math.max(at, node.startMs);
      node.state = state;
    }
    this.#open = [];
  }
}

interface Work {
  readonly kind: SpanKind;
  readonly names: (data: Record<string, unknown>) => { name: string; key: string };
  readonly note: (data: Record<string, unknown>) => string | undefined;
}

const WORK: Readonly<Record<string, Work>> = {
  step: { kind: 'step', names: (data) => named(data, 'step', 'stepId'), note: () => undefined },
  'tool-call': { kind: 'tool', names: (data) => named(data, 'tool', 'callId'), note: () => undefined },
  'llm-call': { kind: 'llm', names: (data) => named(data, 'model', 'callId'), note: tokensOf },
};

/** Formats without ids pair a start with the first open one of the same name. */
function named(data: Record<string, unknown>, nameField: string, idField: string): { name: string; key: string } {
  const name = text(data[nameField]) ?? 'model';
  return { name, key: text(data[idField]) ?? name };
}

function tokensOf(data: Record<string, unknown>): string | undefined {
  const { inputTokens, outputTokens } = (data['usage'] ?? {}) as { inputTokens?: number; outputTokens?: number };
  return inputTokens === undefined && outputTokens === undefined
    ? undefined
    : `${inputTokens ?? 0} → ${outputTokens ?? 0} tokens`;
}

function messageOf(error: unknown): string | undefined {
  return text((error as { message?: unknown } | undefined)?.message);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
