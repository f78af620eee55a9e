import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@runcast/run-events';
import { Redactor } from './redactor.ts';
import { takeIn, type IdSource } from './take-in.ts';

const LOOKS_LIKE_A_KEY = 'sk-made9of8a7hash6that5begins4like3this';
const redactor = new Redactor();
const nameless: IdSource = { newId: () => LOOKS_LIKE_A_KEY, hash: () => LOOKS_LIKE_A_KEY };

/** A decoder that names the event after what the sender said, or else as it is told to. */
function decoding(unnamed: (ids: IdSource) => string) {
  return (text: string, ids: IdSource) => {
    const said = JSON.parse(text) as { id?: string; run?: string };
    const { id = unnamed(ids), run = 'run-1' } = said;
    return { ok: true as const, event: { id, run } as RunEvent };
  };
}

describe('an event that is taken in', () => {
  it.each([
    ['a hash of its text', (ids: IdSource) => ids.hash('text')],
    ['a new id', (ids: IdSource) => ids.newId()],
  ])('is not refused for %s that happens to look like a key', (_name, unnamed) => {
    expect(takeIn('{}', redactor, nameless, decoding(unnamed))).toEqual({
      ok: true,
      event: { id: LOOKS_LIKE_A_KEY, run: 'run-1' },
    });
  });

  it.each(['id', 'run'])('is refused for a key as its %s', (field) => {
    const taken = takeIn(
      JSON.stringify({ [field]: LOOKS_LIKE_A_KEY }),
      redactor,
      { newId: () => 'new', hash: () => 'hash' },
      decoding((ids) => ids.newId()),
    );
    expect(taken).toEqual({ ok: false, problems: [expect.objectContaining({ field })] });
  });

  it('is refused for a key that names it beside its text', () => {
    const beside = decoding(() => LOOKS_LIKE_A_KEY);
    expect(takeIn('{}', redactor, { newId: () => 'new', hash: () => 'hash' }, beside)).toMatchObject({ ok: false });
  });
});
