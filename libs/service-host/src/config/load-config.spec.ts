import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { backendVariables, loadConfig, loginIsWhole, serviceVariables, url, urlList, wholeNumber } from './index.ts';
import { ConfigError } from '../errors.ts';

const schema = z.object({ ...serviceVariables, ...backendVariables }).refine(...loginIsWhole);
const good = { NATS_URL: 'nats://a:4222', DATABASE_URL: 'postgres://u:secret@b/runcast' };

/** A disk with two files on it. */
function readFile(path: string): string {
  if (path === '/secrets/url') return `${good.DATABASE_URL}\n`;
  if (path === '/secrets/empty') return '\n';
  throw Object.assign(new Error('no such file: s3cret'), { code: 'ENOENT' });
}

function failure(env: Record<string, string>): ConfigError {
  try {
    loadConfig(schema, env, readFile);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('was expected to be refused');
}

describe('loadConfig', () => {
  it('fills in defaults, reads numbers and freezes the result', () => {
    const config = loadConfig(schema, { ...good, PORT: '0', UNRELATED: 'x' });
    expect(config).toMatchObject({ PORT: 0, HOST: '0.0.0.0', LOG_LEVEL: 'info', RUNCAST_SHARDS: 1 });
    expect(config).not.toHaveProperty('UNRELATED');
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('treats an empty variable as unset', () => {
    expect(loadConfig(schema, { ...good, PORT: '', RUNCAST_NAMESPACE: '' }).PORT).toBe(8080);
  });

  it('names every bad variable at once, and tells no values', () => {
    const error = failure({
      DATABASE_URL: 'mysql://u:s3cret@b/x',
      PORT: '80x',
      LOG_LEVEL: 'loud',
      RUNCAST_NAMESPACE: 'A.*',
    });
    expect(error.variables.map(({ name }) => name).sort()).toEqual([
      'DATABASE_URL',
      'LOG_LEVEL',
      'NATS_URL',
      'PORT',
      'RUNCAST_NAMESPACE',
    ]);
    expect(error.message).toContain('NATS_URL: is required');
    expect(error.message).toContain('PORT: expected a whole number from 0 to 65535');
    expect(error.message).not.toMatch(/s3cret|80x|loud/);
  });
});

describe('A secret', () => {
  const { DATABASE_URL, ...rest } = good;

  it('may come from a file, without the newline at its end', () => {
    const config = loadConfig(schema, { ...rest, DATABASE_URL_FILE: '/secrets/url' }, readFile);
    expect(config.DATABASE_URL).toBe(DATABASE_URL);
  });

  it.each([
    ['a file that is not there', { DATABASE_URL_FILE: '/nowhere' }, 'names a file that cannot be read (ENOENT)'],
    ['an empty file', { DATABASE_URL_FILE: '/secrets/empty' }, 'names an empty file'],
    [
      'both at once',
      { DATABASE_URL_FILE: '/secrets/url', DATABASE_URL },
      'is set as well as DATABASE_URL; expected one of them',
    ],
  ])('is refused for %s, beside everything else that is wrong', (_what, env, expected) => {
    expect(failure({ ...rest, ...env, PORT: '80x' }).variables).toEqual([
      { name: 'DATABASE_URL_FILE', expected },
      { name: 'PORT', expected: 'expected a whole number from 0 to 65535' },
    ]);
  });

  it('that holds something else is named by its variable, not shown', () => {
    const error = failure({ ...good, NATS_CREDENTIALS: 's3cret' });
    expect(error.message).toContain('NATS_CREDENTIALS: expected the text of a .creds file');
    expect(error.message).not.toContain('s3cret');
  });

  it('cannot be made of a variable that is none', () => {
    expect(loadConfig(schema, { ...good, PORT_FILE: '/secrets/url' }, readFile).PORT).toBe(8080);
  });
});

describe('The login at NATS', () => {
  it.each([{ NATS_USER: 'u' }, { NATS_PASSWORD: 'p' }])('is refused when it is half of one: %j', (env) => {
    const error = failure({ ...good, ...env, PORT: '80x' });
    expect(error.variables.map(({ name }) => name).sort()).toEqual(['NATS_USER', 'PORT']);
  });

  it('is a user with a password, or credentials, or nothing', () => {
    const credentials = '-----BEGIN NATS USER JWT-----';
    for (const env of [{}, { NATS_USER: 'u', NATS_PASSWORD: 'p' }, { NATS_CREDENTIALS: credentials }]) {
      expect(loadConfig(schema, { ...good, ...env })).toMatchObject(env);
    }
  });
});

describe('wholeNumber', () => {
  const port = wholeNumber({ min: 0, max: 65_535 });

  it.each(['', ' 1', '1 ', '-1', '+1', '1.0', '1e3', '0x10', '65536', '99999999999999999999', '١'])(
    'refuses %j',
    (text) => {
      expect(port.safeParse(text).success).toBe(false);
    },
  );

  it.each([
    ['0', 0],
    ['65535', 65_535],
    ['0080', 80],
  ])('reads %j', (text, value) => {
    expect(port.parse(text)).toBe(value);
  });
});

describe('url', () => {
  it('takes one, of the right scheme only, with any password', () => {
    const postgres = url('postgres', 'postgresql');
    expect(postgres.safeParse('postgresql://u:a,b@host/db').success).toBe(true);
    expect(postgres.safeParse('mysql://host/db').success).toBe(false);
    expect(postgres.safeParse('host:5432').success).toBe(false);
  });
});

describe('urlList', () => {
  it('takes several, each of the right scheme', () => {
    const nats = urlList('nats', 'tls');
    expect(nats.safeParse('nats://a:4222, tls://b:4222').success).toBe(true);
    expect(nats.safeParse('nats://a:4222,http://b').success).toBe(false);
    expect(nats.safeParse('nats://a:4222,').success).toBe(false);
  });
});
