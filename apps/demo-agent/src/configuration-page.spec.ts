import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';

/** The variables of one section of the page, with their defaults. */
function documented(page: string, section: string): Record<string, string> {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  return Object.fromEntries(
    [...text.matchAll(/^\| `([A-Z_]+)` \| `?([^`|]+?)`? \|/gm)].map(([, name, value]) => [
      name!,
      value === 'unset' ? '' : value!,
    ]),
  );
}

/** Every name that is looked up while the environment is read. */
function namesRead(): string[] {
  const names = new Set<string>();
  readConfig(new Proxy({}, { get: (_target, name) => void names.add(String(name)) }));
  return [...names].sort();
}

describe('docs/configuration.md', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const variables = documented(page, 'Demo agent');

  it('lists the variables that the demo agent reads', () => {
    expect(Object.keys(variables).sort()).toEqual(namesRead());
  });

  it('lists the defaults that it has', () => {
    expect(variables['RUNCAST_API_KEY']).toBe('required');
    expect(readConfig({ RUNCAST_API_KEY: 'k' })).toEqual(readConfig({ ...variables, RUNCAST_API_KEY: 'k' }));
  });

  it('would be found out for another default', () => {
    const other = { ...variables, RUNCAST_API_KEY: 'k', RUNCAST_DEMO_INTERVAL_MS: '1' };
    expect(readConfig(other)).not.toEqual(readConfig({ RUNCAST_API_KEY: 'k' }));
  });
});
