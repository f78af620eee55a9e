import { describe, expect, it } from '@jest/globals';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage, type UsageMetadata } from '@langchain/core/messages';
import { countTokens, RULE_MODEL_NAME, RuleModel } from './rule-model.ts';
import { reply, ROLES, type Turn } from './rules.ts';

const system = (role: keyof typeof ROLES): Turn => ({ from: 'system', text: ROLES[role] });
const human = (text: string): Turn => ({ from: 'human', text });
const ai = (text: string): Turn => ({ from: 'ai', text });
const result = (tool: string, text: string): Turn => ({ from: 'tool', tool, text });

describe('the rules', () => {
  it.each([
    ['Which words do our documents use?', 'list_documents\nread_document\nword_statistics'],
    ['How did the recent runs go?', 'recent_runs'],
    ['Calculate 1200 * 0.35', 'calculate 1200 * 0.35'],
    ['What does drafts/forgotten.md say?', 'read_document drafts/forgotten.md'],
    ['Hello?', 'recent_runs'],
  ])('plan for %j', (question, plan) => {
    expect(reply([system('planner'), human(question)]).text).toBe(plan);
  });

  it('call the tools of the plan one after the other, and then sum up', () => {
    const plan = [system('researcher'), human('?'), ai('list_documents\nword_statistics')];
    expect(reply(plan).call).toEqual({ name: 'list_documents', args: {} });
    const listed = [...plan, result('list_documents', '["a.md","b.md"]')];
    expect(reply(listed).call).toEqual({ name: 'word_statistics', args: { name: 'a.md' } });
    expect(reply([...listed, result('word_statistics', '{}')])).toEqual({ text: 'I have 2 findings.' });
  });

  it('send the researcher back for a second document, once', () => {
    const found = [
      human('?'),
      ai('list_documents\nword_statistics'),
      result('list_documents', '["a.md","b.md"]'),
      result('word_statistics', '{}'),
    ];
    const verdict = reply([system('reviewer'), ...found]).text;
    expect(verdict).toContain('Look again');
    expect(reply([system('researcher'), ...found, ai(verdict)]).call).toEqual({
      name: 'word_statistics',
      args: { name: 'b.md' },
    });
    expect(reply([system('reviewer'), ...found, ai(verdict), result('word_statistics', '{}')]).text).toBe('enough');
  });

  it('report what the tools found', () => {
    expect(reply([system('reporter'), human('How much?'), result('calculate', '420')]).text).toBe(
      'On "How much?":\n- calculate: 420',
    );
  });
});

const NONE: UsageMetadata = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };

describe('RuleModel', () => {
  const model = new RuleModel(
    () => Promise.resolve(),
    () => 'call-1',
  );

  it('answers as a chat model does: tool calls, model name and token counts', async () => {
    const messages = [
      new SystemMessage(ROLES.researcher),
      new HumanMessage('How much?'),
      new AIMessage('calculate 1 + 1'),
    ];
    const answer = await model.bindTools([]).invoke(messages);
    expect(answer.tool_calls).toEqual([
      { name: 'calculate', args: { expression: '1 + 1' }, id: 'call-1', type: 'tool_call' },
    ]);
    expect(answer.response_metadata).toMatchObject({ model_name: RULE_MODEL_NAME });
    const { input_tokens, output_tokens, total_tokens } = (answer.usage_metadata as UsageMetadata | undefined) ?? NONE;
    expect(input_tokens).toBeGreaterThan(output_tokens);
    expect(total_tokens).toBe(input_tokens + output_tokens);
  });

  it('reads the results of tools', async () => {
    const found = new ToolMessage({ content: '2', name: 'calculate', tool_call_id: 'call-1' });
    const messages = [
      new SystemMessage(ROLES.researcher),
      new HumanMessage('?'),
      new AIMessage('calculate 1 + 1'),
      found,
    ];
    expect((await model.invoke(messages)).text).toBe('I have 1 findings.');
  });

  it('thinks in proportion to what it says', async () => {
    const thoughts: number[] = [];
    const slow = new RuleModel(
      (tokens) => Promise.resolve(void thoughts.push(tokens)),
      () => 'c',
    );
    await slow.invoke([new SystemMessage(ROLES.planner), new HumanMessage('How did the recent runs go?')]);
    expect(thoughts).toEqual([countTokens('recent_runs""')]);
  });
});
