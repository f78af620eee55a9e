/** What a bar of the waterfall stands for. */
export type SpanKind = 'run' | 'step' | 'tool' | 'llm' | 'wait';
export type SpanState = 'running' | 'done' | 'failed' | 'cancelled';

/** Something that began and, unless it still runs, ended. Times are the sender's, in milliseconds since the epoch. */
export interface Span {
  /** Unique in its run. */
  readonly id: string;
  readonly kind: SpanKind;
  readonly name: string;
  readonly depth: number;
  readonly startMs: number;
  /** Absent while it runs. */
  readonly endMs?: number;
  readonly state: SpanState;
  /** Beside the name: a model, a count of tokens, the reason of a failure. */
  readonly note?: string;
  /** Indexes of its events in the feed: what began it, what ended it. */
  readonly events: readonly number[];
}
