import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Redactor } from './redactor.ts';
import { SECRETS } from './made-up-secrets.fixture.ts';

const standard = new Redactor();
const json = (value: unknown, redactor = standard) => redactor.json(JSON.stringify(value));

describe('a secret', () => {
  it.each(SECRETS)('of the kind %s is found in a text, in JSON and in JSON within JSON', (_kind, secret) => {
    const sentence = `before ${secret} behind`;
    expect(standard.text(sentence)).not.toContain(secret);
    for (const document of [{ a: sentence }, [sentence], { a: JSON.stringify({ b: JSON.stringify([sentence]) }) }]) {
      const { text, paths } = json(document);
      expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(paths).toHaveLength(1);
      expect(() => void JSON.parse(text)).not.toThrow();
    }
  });

  it('that is a name is replaced as well', () => {
    const { text } = json({ [`sk-${'a1'.repeat(20)}`]: 1 });
    expect(text).toBe('{"[redacted:api-key]":1}');
  });

  it('is found however its letters are escaped', () => {
    const text = String.raw`{"\u0070assword":"hunter2","t":"\u0073k-abcdefghijklmnopqrstuvwxyz123456"}`;
    const redacted = standard.json(text);
    expect(JSON.parse(redacted.text)).toEqual({ password: '[redacted:field]', t: '[redacted:api-key]' });
  });
});

describe('a field', () => {
  it.each([
    'password',
    'Authorization',
    'x-api-key',
    'OPENAI_API_KEY',
    'clientSecret',
    'set-cookie',
    'aws_secret_access_key',
    'refreshToken',
    'db.password',
    'SharedAccessKey',
  ])('called %s loses its text, its number and everything inside', (name) => {
    const { text, paths } = json({ data: { [name]: 'x', in: { [name]: { deep: ['a b', 12, true, null, ''] } } } });
    expect(text).not.toMatch(/"x"|a b|12/);
    expect(text).toContain('true,null,""');
    expect(paths[0]).toBe(`data.${name}`);
  });

  it.each([
    'prompt_tokens',
    'total_tokens',
    'session_key',
    'key',
    'author',
    'secretary',
    'passenger',
    'page_key',
    'keyboard',
  ])('called %s stays', (name) => {
    expect(json({ [name]: 'value', n: { [name]: 12 } }).paths).toEqual([]);
  });

  it('called token stays while it holds a word, and goes when it holds a credential', () => {
    expect(json({ token: ' hello' }).paths).toEqual([]);
    expect(json({ token: 'a1b2c3d4e5f6a7b8' }).paths).toEqual(['token']);
  });
});

describe('text around a secret', () => {
  it.each([
    ['GET /x?token=abcdefgh12345678&page=2', 'GET /x?token=[redacted:query]&page=2'],
    ['https://user:hunter2@host/db', 'https://user:[redacted:url-password]@host/db'],
    ['Authorization: Basic dXNlcjpwYXNz\r\nAccept: */*', 'Authorization: [redacted:assignment]\r\nAccept: */*'],
    ["curl -H 'Cookie: a=1; b=2' https://host", "curl -H 'Cookie: [redacted:assignment]' https://host"],
    ["{'db_password': 'correct horse', 'n': 1}", "{'db_password': '[redacted:assignment]', 'n': 1}"],
    ['export API_KEY=abc; echo', 'export API_KEY=[redacted:assignment]; echo'],
    [
      String.raw`{"a":"{\"password\":\"x y\",\"b\":1`,
      String.raw`{"a":"{\"password\":\"[redacted:assignment]\",\"b\":1`,
    ],
    ['Bearer abc.def-123 is it', 'Bearer [redacted:bearer] is it'],
  ])('%s becomes %s', (text, redacted) => {
    expect(standard.text(text)).toBe(redacted);
    expect(standard.text(redacted)).toBe(redacted);
  });

  it.each([
    'bearer authentication is used',
    'the task-force-is-back-again-and-again',
    'a cookie and a password',
    'password: null',
    'eyJ is how they begin',
    'max_tokens: 4096',
  ])('%s stays', (text) => {
    expect(standard.text(text)).toBe(text);
  });
});

describe('a document', () => {
  it('stays byte for byte where nothing is secret', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const { text: redacted, paths } = standard.json(text);
        if (paths.length === 0) expect(redacted).toBe(text);
      }),
    );
    const text = '{ "n" : 12345678901234567890, "e":1e400,\n"__proto__":{"a":"\\u00e9"}, "password" : "x" }';
    expect(standard.json(text).text).toBe(text.replace('"x"', '"[redacted:field]"'));
  });

  it('redacted once does not change when it is redacted again', () => {
    const secret = fc.constantFrom(...SECRETS.map(([, value]) => value));
    const leaf = fc.oneof(secret, fc.string(), fc.integer());
    const name = fc.oneof(fc.string(), fc.constantFrom('password', 'a', 'x-api-key', 'token'));
    const document = fc.object({ key: name, values: [leaf], maxDepth: 3 });
    fc.assert(
      fc.property(document, (value) => {
        const once = json(value).text;
        expect(standard.json(once)).toEqual({ text: once, paths: [] });
      }),
    );
  });

  it('with a planted secret never keeps it, wherever it stands and whatever is around', () => {
    const secret = `sk-${'q7'.repeat(16)}`;
    const around = fc.string().filter((text) => !/[\w-]$/.test(text));
    fc.assert(
      fc.property(fc.object({ maxDepth: 3 }), around, fc.nat(4), (value, before, nesting) => {
        let inner: unknown = { x: `${before}${secret} ` };
        for (let level = 0; level < nesting; level += 1) inner = { [`k${level}`]: JSON.stringify(inner) };
        expect(json({ value, inner }).text).not.toContain(secret);
      }),
    );
  });

  it('that is no JSON is handled all the same', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof standard.json(text).text === 'string'));
    for (const text of ['', '"', '{"a', ']]]', '{"password":', '[{', '-', '{"password":"x']) standard.json(text);
  });

  it('lists a bounded number of places', () => {
    const { paths } = json(Array.from({ length: 1_000 }, () => ({ password: 'x' })));
    expect(paths).toHaveLength(100);
  });
});

describe('hostile text', () => {
  const long = 300_000;
  it.each([
    ['one class', 'a'.repeat(long)],
    ['beginnings of JWTs', 'eyJ'.repeat(long / 3)],
    ['beginnings of JWTs apart', 'eyJ '.repeat(long / 4)],
    ['dots behind a JWT', `eyJabcdefghij${'.'.repeat(long)}`],
    ['beginnings of URLs', '://a:'.repeat(long / 5)],
    ['at signs', 'a@'.repeat(long / 2)],
    ['dots and names', `x@${'a.'.repeat(long / 2)}`],
    ['names of secrets', 'password'.repeat(long / 8)],
    ['assignments', 'password='.repeat(long / 9)],
    ['quotes', 'password="\\'.repeat(long / 11)],
    ['backslashes', `password${'\\'.repeat(long)}`],
    ['private keys', '-----BEGIN PRIVATE KEY-----'.repeat(long / 27)],
    ['digits', '4'.repeat(long)],
    ['digits apart', '4 '.repeat(long / 2)],
    ['groups of digits', '411111111111 '.repeat(long / 13)],
    ['bearers', 'bearer '.repeat(long / 7)],
    ['spaces', `bearer${' '.repeat(long)}`],
    ['query', '?key='.repeat(long / 5)],
  ])('of %s is read in a time that grows with its length alone', (_name, text) => {
    const redactor = new Redactor({ enable: ['email', 'card'], prefixes: [{ prefix: 'aaa', min_chars: 4 }] });
    const start = performance.now();
    for (const document of [JSON.stringify({ text }), JSON.stringify({ [text]: text })]) redactor.json(document);
    redactor.text(text);
    // Milliseconds when it is linear, minutes when it is quadratic: the bound tells one from the other on any machine.
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
