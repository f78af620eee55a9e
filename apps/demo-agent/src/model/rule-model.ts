import { BaseChatModel, type BindToolsInput } from '@langchain/core/language_models/chat_models';
import type { BaseLanguageModelInput } from '@langchain/core/language_models/base';
import { AIMessage, type AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import type { ChatResult } from '@langchain/core/outputs';
import type { Runnable } from '@langchain/core/runnables';
import { reply, type Reply, type Turn } from './rules.ts';

export const RULE_MODEL_NAME = 'runcast-demo-rules-1';

/**
 * A chat model without a network behind it: LangChain sees a model like any other, with tool calls and token counts,
 * and {@link reply} does the talking.
 */
export class RuleModel extends BaseChatModel {
  readonly #think: (tokens: number) => Promise<void>;
  readonly #newId: () => string;

  /** @param think waits as long as a real model would take to write so many tokens. */
  constructor(think: (tokens: number) => Promise<void>, newId: () => string) {
    super({});
    this.#think = think;
    this.#newId = newId;
  }

  override _llmType(): string {
    return 'runcast-demo';
  }

  override getLsParams(): ReturnType<BaseChatModel['getLsParams']> {
    return { ls_provider: 'runcast-demo', ls_model_name: RULE_MODEL_NAME, ls_model_type: 'chat' };
  }

  /** The rules know the tools by name already. */
  override bindTools(_tools: BindToolsInput[]): Runnable<BaseLanguageModelInput, AIMessageChunk> {
    return this.withConfig({});
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const conversation = messages.map(turnOf);
    const said = reply(conversation);
    const input_tokens = conversation.reduce((sum, { text }) => sum + countTokens(text), 0);
    const output_tokens = countTokens(said.text + JSON.stringify(said.call ?? ''));
    await this.#think(output_tokens);
    const usage = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
    return { generations: [{ text: said.text, message: this.#message(said, usage) }] };
  }

  #message(
    { text, call }: Reply,
    usage_metadata: { input_tokens: number; output_tokens: number; total_tokens: number },
  ) {
    const tool_calls = call
      ? [{ name: call.name, args: call.args, id: this.#newId(), type: 'tool_call' as const }]
      : [];
    const response_metadata = { model_name: RULE_MODEL_NAME };
    return Object.assign(new AIMessage({ content: text, tool_calls, response_metadata }), { usage_metadata });
  }
}

function turnOf(message: BaseMessage): Turn {
  return { from: message.getType() as Turn['from'], text: message.text, tool: message.name };
}

/** Roughly as a real tokenizer counts: a short word is one token, a long one several, a sign is one. */
export function countTokens(text: string): number {
  const pieces = text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
  return pieces.reduce((sum, piece) => sum + Math.ceil(piece.length / 6), 0);
}
