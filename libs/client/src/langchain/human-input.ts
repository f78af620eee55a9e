import type { EventData, JsonValue } from '@runcast/run-events';
import { preview, toPlainJson } from '../plain-json.ts';

/** A question that a graph stopped for, as LangGraph's `interrupt()` raises it. */
export interface Interrupt {
  readonly id?: string | undefined;
  readonly value?: unknown;
}

/** The questions in what a graph's node threw; `undefined` when it was an error and not a question. */
export function interruptsOf(thrown: unknown): readonly Interrupt[] | undefined {
  const { is_bubble_up, interrupts } = (thrown ?? {}) as { is_bubble_up?: unknown; interrupts?: unknown };
  return is_bubble_up === true && Array.isArray(interrupts) ? (interrupts as Interrupt[]) : undefined;
}

/** LangGraph steers by throwing, too. Such a throw is no failure of the node it passes through. */
export function isSteering(thrown: unknown): boolean {
  return (thrown as { is_bubble_up?: unknown } | undefined)?.is_bubble_up === true;
}

/** The answer with which a graph goes on: the `resume` of a Command. */
export function resumeOf(inputs: unknown): { readonly answer: JsonValue } | undefined {
  const command = inputs as { lg_name?: unknown; resume?: unknown } | undefined;
  if (command?.lg_name !== 'Command' || command.resume === undefined) return undefined;
  return { answer: toPlainJson(command.resume) };
}

/**
 * What `interrupt(value)` asks: a text is the question itself; an object is taken apart into `question`, `context`
 * and `channel`; of any other value the question is its text.
 */
export function questionOf({ id, value }: Interrupt): EventData['human-input.requested'] {
  const requestId = id === undefined ? {} : { requestId: id };
  if (typeof value === 'string') return { question: value, ...requestId };
  const asked = (value ?? {}) as { question?: unknown; context?: unknown; channel?: unknown };
  if (typeof asked.question !== 'string')
    return { question: preview(value), context: toPlainJson(value), ...requestId };
  return {
    question: asked.question,
    ...(asked.context !== undefined && { context: toPlainJson(asked.context) }),
    ...(typeof asked.channel === 'string' && { channel: asked.channel }),
    ...requestId,
  };
}
