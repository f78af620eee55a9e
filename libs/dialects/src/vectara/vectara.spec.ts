import { describe, expect, it } from '@jest/globals';
import { contextOf, decoded, recorded } from '../suite/subjects.ts';
import { vectara } from './vectara.ts';
import { STREAM_ONLY_TYPES } from './wire.ts';

function decode(type: string, more: object = {}, hints = {}) {
  return decoded(vectara, JSON.stringify({ id: 'aev_1', session_key: 'ase_1', type, ...more }), hints);
}

describe('vectara', () => {
  it('takes the session for the run, unless the turn is named', () => {
    expect(decode('end')).toMatchObject({ run: 'ase_1', session: 'ase_1', id: 'aev_1' });
    expect(decode('end', {}, { run: 'turn-1', agent: 'agt_1' })).toMatchObject({
      run: 'turn-1',
      session: 'ase_1',
      agent: 'agt_1',
    });
  });

  it('takes the guide and the specification at their word about the tool', () => {
    const event = decode('tool_output', { tool_name: 't', tool_call_id: 'c', tool_output: 1, error: true });
    expect(event.type).toBe('tool-call.failed');
    expect(JSON.parse(vectara.encode(recorded({ ...event, dialect: 'runcast' }))[0]!.data)).toMatchObject({
      tool_configuration: 't',
      tool_configuration_name: 't',
      tool_name: 't',
      error: true,
    });
  });

  it('keeps a message part that is no text', () => {
    const part = { type: 'image', artifact_id: 'art_1' };
    expect(decode('input_message', { messages: [part] }).data).toEqual({
      messages: [{ type: 'image', content: { artifact_id: 'art_1' } }],
    });
  });

  it('sends nothing for a run that began with nothing to say', () => {
    const event = recorded({ ...decode('end'), type: 'run.started', data: {}, dialect: 'runcast' });
    expect(vectara.encode(event)).toEqual([]);
  });

  it('says of a piece of an answer that no list has it', () => {
    const event = recorded({ ...decode('end'), type: 'message.delta', data: { text: 'Hi' }, dialect: 'runcast' });
    const { type } = JSON.parse(vectara.encode(event)[0]!.data) as { type: string };
    expect(STREAM_ONLY_TYPES).toContain(type);
  });

  it('names the field of a message that is none', () => {
    const result = vectara.decode('{"type":"input_message","messages":[{"content":"x"}]}', contextOf());
    expect(result).toMatchObject({
      ok: false,
      problems: [{ field: 'messages.0.type', expected: 'a string', found: 'nothing' }],
    });
  });
});
