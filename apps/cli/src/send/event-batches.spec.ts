import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventBatches, type InputEvent } from './event-batches.ts';

async function batches(text: string): Promise<InputEvent[][]> {
  const found: InputEvent[][] = [];
  for await (const batch of eventBatches(Readable.from([text]))) found.push(batch);
  return found;
}
const texts = async (text: string) => (await batches(text)).flat().map((event) => event.text);

describe('the events of an input', () => {
  it('are one JSON object a line, with the number of the line', async () => {
    expect(await batches('{"a":1}\n\n  \r\n{"b":2}\r\n')).toEqual([
      [
        { line: 1, text: '{"a":1}' },
        { line: 4, text: '{"b":2}' },
      ],
    ]);
  });

  it('or one JSON array over any number of lines', async () => {
    expect(await texts('\n[ {"a":1},\n  {"b":[2]}\n]\n')).toEqual(['{"a":1}', '{"b":[2]}']);
    expect(await texts('[]')).toEqual([]);
  });

  it.each([
    ['{"a":1}\nnonsense', 'event 2: expected a JSON object, found nonsense'],
    ['{"a":1}\n5', 'event 2: expected a JSON object'],
    ['[{"a":1}, 5]', 'event 2: expected a JSON object'],
    ['[{"a":1}', 'expected a JSON array'],
  ])('%j is refused where it is wrong', async (text, message) => {
    await expect(texts(text)).rejects.toThrow(message);
  });

  it('keep their order and are all there, in requests of a bearable size', async () => {
    const lines = fc.array(fc.string({ maxLength: 300 }), { maxLength: 900 });
    await fc.assert(
      fc.asyncProperty(lines, async (values) => {
        const written = values.map((value) => JSON.stringify({ value }));
        const found = await batches(written.join('\n'));
        expect(found.flat().map(({ text }) => text)).toEqual(written);
        expect(found.every((batch) => batch.length <= 200)).toBe(true);
      }),
      { numRuns: 30 },
    );
    const large = Array.from({ length: 5 }, () => JSON.stringify({ value: 'x'.repeat(200_000) }));
    expect((await batches(large.join('\n'))).map((batch) => batch.length)).toEqual([2, 2, 1]);
  });
});
