import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCommand } from './subscription-commands.ts';

const read = (frame: unknown) => readCommand(JSON.stringify(frame), VIEWER);

const VIEWER = { tenant: 'acme', keyId: 'k', scopes: ['read'] };

describe('readCommand', () => {
  it('reads a subscription to a run with all that a query may say', () => {
    const frame = {
      action: 'subscribe',
      subscription: 'a',
      run: 'r',
      after: '0.e.1',
      types: ['x', 'y'],
      level: 'error',
      follow: true,
    };
    expect(read(frame)).toEqual({
      ok: true,
      command: {
        action: 'subscribe',
        subscription: 'a',
        request: {
          key: { kind: 'run', tenant: 'acme', run: 'r' },
          dialect: 'runcast',
          filter: { types: new Set(['x', 'y']), level: 'error' },
          token: '0.e.1',
          viewer: VIEWER,
          follow: true,
        },
      },
    });
  });

  it('takes the tenant from the credential, whatever the frame says', () => {
    const frame = { action: 'subscribe', subscription: 'a', session: 's', tenant: 'other' };
    expect(read(frame)).toMatchObject({
      command: { request: { key: { kind: 'session', tenant: 'acme', session: 's' } } },
    });
  });

  it.each([
    ['no JSON', '{', ''],
    ['no action', '{}', 'action'],
    ['an unknown action', '{"action":"dance"}', 'action'],
    ['no name', '{"action":"subscribe","run":"r"}', 'subscription'],
    ['neither run nor session', '{"action":"subscribe","subscription":"a"}', 'run'],
    ['both', '{"action":"subscribe","subscription":"a","run":"r","session":"s"}', 'run'],
    ['a bad level', '{"action":"subscribe","subscription":"a","run":"r","level":"loud"}', 'level'],
    ['an unknown dialect', '{"action":"subscribe","subscription":"a","run":"r","dialect":"klingon"}', 'dialect'],
  ])('names the field for %s', (_name, text, field) => {
    expect(readCommand(text, VIEWER)).toMatchObject({ ok: false, errors: [{ field }] });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readCommand(text, VIEWER)));
    fc.assert(
      fc.property(
        fc.record({
          action: fc.constant('subscribe'),
          subscription: fc.string(),
          run: fc.anything(),
          types: fc.anything(),
        }),
        (frame) => void read(frame),
      ),
    );
  });
});
