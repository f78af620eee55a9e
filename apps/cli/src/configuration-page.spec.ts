import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readUpConfig } from './up-config.ts';

/** The variables of one section of the page, with their defaults. */
function documented(page: string, section: string): Record<string, string> {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  return Object.fromEntries(
    [...text.matchAll(/^\| `([A-Z_]+)` \| `?([^`|]+?)`? \|/gm)].map(([, name, value]) => [name!, value!]),
  );
}

/** Every name that is looked up while the environment is read. */
function namesRead(): string[] {
  const names = new Set<string>();
  const env = new Proxy<NodeJS.ProcessEnv>({}, { get: (_target, name) => void names.add(String(name)) });
  readUpConfig(env, '/clone');
  return [...names].sort();
}

function defaults(): Record<string, string> {
  const { ports, ...config } = readUpConfig({}, '/clone');
  return {
    ...Object.fromEntries(Object.values(ports).map(({ variable, port }) => [variable, String(port)])),
    RUNCAST_HOME: relative('/clone', config.home),
    RUNCAST_HOST: config.host,
    RUNCAST_DEMO: config.demo ? 'on' : 'off',
    RUNCAST_SHARDS: config.shards,
    LOG_LEVEL: config.logLevel,
    NATS_URL: config.natsUrl ?? 'unset',
    DATABASE_URL: config.databaseUrl ?? 'unset',
    RUNCAST_NAMESPACE: config.namespace ?? 'unset',
  };
}

describe('docs/configuration.md', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

  it('lists the variables that npm start reads, with their defaults', () => {
    expect(Object.keys(documented(page, 'npm start')).sort()).toEqual(namesRead());
    expect(documented(page, 'npm start')).toEqual(defaults());
  });

  it('would be found out for another default', () => {
    expect(documented(page.replace('`8081`', '`8082`'), 'npm start')).not.toEqual(defaults());
  });
});
