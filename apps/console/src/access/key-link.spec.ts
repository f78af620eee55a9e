import { expect, it } from '@jest/globals';
import { keyInFragment } from './key-link.ts';

it.each([
  ['#key=rck_abc-123_x', 'rck_abc-123_x'],
  ['#key=a%2Bb', 'a+b'],
  ['#', undefined],
  ['', undefined],
  ['#key=', undefined],
  ['#other=1', undefined],
  ['#key=two%20words', undefined],
  [`#key=${'x'.repeat(513)}`, undefined],
])('reads the fragment %j as %j', (fragment, key) => expect(keyInFragment(fragment)).toBe(key));
