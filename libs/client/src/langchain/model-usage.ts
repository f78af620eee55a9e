import type { LLMResult } from '@langchain/core/outputs';
import type { EventData, Usage } from '@runcast/run-events';
import { toPlainJson } from '../plain-json.ts';

/** What a million tokens of a model cost, in US dollars. */
export interface ModelPrice {
  readonly inputPerMillionUsd: number;
  readonly outputPerMillionUsd: number;
}

export type ModelPrices = Readonly<Record<string, ModelPrice>>;

/**
 * What a model's answer says: its text or message, the tokens, the cost. `calledModel` is the name it was called by,
 * used where the answer names none. The cost is left out where no price is known: it is not 0.
 */
export function answerOf(
  result: LLMResult,
  calledModel: string | undefined,
  prices: ModelPrices,
): Pick<EventData['llm-call.completed'], 'model' | 'output' | 'usage'> {
  const model = modelOf(result) ?? calledModel;
  const usage = usageOf(result, model === undefined ? undefined : prices[model]);
  const output = toPlainJson(messageOf(result) ?? result.generations[0]?.[0]?.text);
  return { output, ...(model !== undefined && { model }), ...(usage && { usage }) };
}

function usageOf(result: LLMResult, price: ModelPrice | undefined): Usage | undefined {
  const counted = messageUsage(result) ?? legacyUsage(result);
  if (counted === undefined) return undefined;
  const { inputTokens, outputTokens } = counted;
  const totalTokens = counted.totalTokens ?? inputTokens + outputTokens;
  if (price === undefined) return { inputTokens, outputTokens, totalTokens };
  const costUsd = (inputTokens * price.inputPerMillionUsd + outputTokens * price.outputPerMillionUsd) / 1e6;
  return { inputTokens, outputTokens, totalTokens, costUsd };
}

export function addUsages(left: Usage, right: Usage): Usage {
  return {
    inputTokens: (left.inputTokens ?? 0) + (right.inputTokens ?? 0),
    outputTokens: (left.outputTokens ?? 0) + (right.outputTokens ?? 0),
    totalTokens: (left.totalTokens ?? 0) + (right.totalTokens ?? 0),
    ...((left.costUsd !== undefined || right.costUsd !== undefined) && {
      costUsd: (left.costUsd ?? 0) + (right.costUsd ?? 0),
    }),
  };
}

function modelOf(result: LLMResult): string | undefined {
  const metadata = messageOf(result)?.response_metadata;
  const name = metadata?.['model_name'] ?? metadata?.['model'];
  return typeof name === 'string' ? name : undefined;
}

interface Counted {
  inputTokens: number;
  outputTokens: number;
  totalTokens?: number | undefined;
}

function messageUsage(result: LLMResult): Counted | undefined {
  const usage = messageOf(result)?.usage_metadata;
  if (usage === undefined) return undefined;
  return { inputTokens: usage.input_tokens, outputTokens: usage.output_tokens, totalTokens: usage.total_tokens };
}

/** Text-completion models, and providers that have not moved on, report beside the answer instead of in it. */
function legacyUsage(result: LLMResult): Counted | undefined {
  const usage = result.llmOutput?.['tokenUsage'] as Record<string, number> | undefined;
  if (usage === undefined) return undefined;
  return {
    inputTokens: usage['promptTokens'] ?? 0,
    outputTokens: usage['completionTokens'] ?? 0,
    totalTokens: usage['totalTokens'],
  };
}

interface AnswerMessage {
  readonly response_metadata?: Record<string, unknown>;
  readonly usage_metadata?: { input_tokens: number; output_tokens: number; total_tokens: number };
}

function messageOf(result: LLMResult): AnswerMessage | undefined {
  return (result.generations[0]?.[0] as { message?: AnswerMessage } | undefined)?.message;
}
