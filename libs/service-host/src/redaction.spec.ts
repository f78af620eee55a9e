import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';
import { loggable, redactUrl } from './redaction.ts';

describe('redactUrl', () => {
  it.each([
    ['/x?ticket=abc&after=1', '/x?ticket=***&after=1'],
    ['/x?after=1&x-api-key=abc', '/x?after=1&x-api-key=***'],
    ['/x?API_KEY=abc;token=d&access_token=e#f', '/x?API_KEY=***;token=***&access_token=***#f'],
    ['/ticket=1?monkey=2', '/ticket=1?monkey=2'],
  ])('%s becomes %s', (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted);
  });
});

describe('loggable', () => {
  it('cuts what is long and spells out what deceives', () => {
    expect(loggable('x'.repeat(300))).toBe(`${'x'.repeat(256)}… (300 characters)`);
    expect(loggable('a\u202eb\u2028c\u009b31m')).toBe('a\\u202eb\\u2028c\\u009b31m');
    expect(loggable('grüße 🙂')).toBe('grüße 🙂');
  });
});

describe('createLogger', () => {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'spec',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  const lastLine = () => JSON.parse(lines.at(-1)!) as Record<string, unknown>;

  it('writes one line, whatever is in the strings', () => {
    logger.info({ run: 'a\r\n{"level":"fatal"}\u001b[31m', nested: { id: 'y'.repeat(1_000) } }, 'm\nsg');
    for (const char of ['\r', '\n', '\u001b']) expect(lines.at(-1)!.trimEnd()).not.toContain(char);
    expect(lines.at(-1)!.length).toBeLessThan(700);
    expect(lastLine()).toMatchObject({ level: 'info', service: 'spec', msg: 'm\nsg' });
  });

  it('never holds a secret: not in a message, a field, an address or an error', () => {
    const secret = `sk-${'a1'.repeat(12)}`;
    const err = new Error(`connect postgres://u:${secret}@h failed`, { cause: new Error(`Authorization: ${secret}`) });
    const url = `/v1/stream?x-api-key=${secret}&ticket=${secret}`;
    logger.info({ err, url, token: 'hunter2', nested: { password: 'hunter2', deep: [secret] } }, `got ${secret}`);
    expect(lines.at(-1)).not.toContain(secret);
    expect(lines.at(-1)).not.toContain('hunter2');
    expect(lines.at(-1)).toContain('/v1/stream?x-api-key=***&ticket=***');
  });

  it('cuts after redacting, so that no beginning of a secret is left', () => {
    logger.info(`${'x '.repeat(124)}sk-${'a1'.repeat(30)}`);
    expect(lines.at(-1)).not.toContain('a1a1');
  });

  it('describes an error with its code and cause', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    logger.error({ err: new Error('no log', { cause }) }, 'failed');
    expect(lastLine()['err']).toMatchObject({ message: 'no log', cause: { message: 'refused', code: 'ECONNREFUSED' } });
  });

  it('is silent below its level', () => {
    const before = lines.length;
    logger.debug('hot path');
    expect(lines).toHaveLength(before);
  });
});
