import { expect, it } from '@jest/globals';
import { gistOf } from './gist.ts';

it.each([
  ['step.started', { step: 'plan' }, 'plan'],
  ['tool-call.started', { step: 'plan', tool: 'search', input: { q: 'tea' } }, 'search  {"q":"tea"}'],
  ['tool-call.failed', { tool: 'search', error: { message: 'no net' }, input: 'tea' }, 'search  no net'],
  ['llm-call.completed', { step: 'plan', model: 'small', output: 'Two\n words' }, 'small  Two words'],
  ['human-input.requested', { question: 'Go on?' }, 'Go on?'],
  ['note.taken', { index: 7 }, '{"index":7}'],
  ['run.heartbeat', {}, ''],
])('%s with %j is about: %s', (type, data, gist) => expect(gistOf({ type, data })).toBe(gist));
