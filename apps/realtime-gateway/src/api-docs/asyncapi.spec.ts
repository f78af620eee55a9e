import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Subjects } from '@runcast/agent-commands';
import { DIALECT_NAMES } from '@runcast/run-events';
import { parse } from 'yaml';
import { CLOSE_CODES } from '../stream/close-codes.ts';
import type { Feeds } from '../stream/feeds.ts';
import { socketRoutes } from '../stream/socket-routes.ts';
import { workflowSocket, type WorkflowSocketParts } from '../vendors/lyzr-workflow/workflow-socket.ts';
import { feedRoutes } from './feed-routes.ts';

interface Channel {
  readonly address: string;
  readonly servers: readonly { readonly $ref: string }[];
  readonly parameters?: Record<string, { readonly enum?: readonly string[] }>;
  readonly bindings?: { readonly ws: { readonly query?: { readonly properties: { dialect: { enum: string[] } } } } };
  readonly 'x-close-codes'?: Record<string, string>;
}

const text = readFileSync(new URL('../../../../docs/asyncapi.yaml', import.meta.url), 'utf8');
// Aliases are one object in the document: each is read as a copy of its own.
const channelsOf = (yaml: string): Channel[] =>
  Object.values((parse(yaml) as { channels: Record<string, Channel> }).channels);
const channels = channelsOf(text);

const at = (server: string, all = channels): Channel[] =>
  all.filter(({ servers }) => servers[0]!.$ref === `#/servers/${server}`);
const addresses = (server: string, all = channels): string[] =>
  at(server, all)
    .map(({ address }) => address)
    .sort();

const sockets = socketRoutes({} as Feeds, workflowSocket({} as WorkflowSocketParts)).map(({ pattern }) =>
  pattern.replace(/:(\w+)/g, '{$1}'),
);

describe('docs/asyncapi.yaml', () => {
  it('has exactly the addresses that take WebSockets', () => {
    expect(addresses('realtime')).toEqual(sockets.sort());
  });

  it('has exactly the addresses that stream by our own form', () => {
    const streams = Object.keys(feedRoutes).map((route) => route.slice('GET '.length).replace(/:(\w+)/g, '{$1}'));
    expect(addresses('realtimeHttp')).toEqual(streams.sort());
  });

  it('has exactly the subjects that others speak on', () => {
    const subjects = new Subjects();
    const fill = (address: string): string => address.replace('{dialect}', 'runcast').replace(/\{\w+\}/g, 'x');
    const spoken = [
      subjects.ingest('x', 'runcast'),
      subjects.command('x', 'x'),
      subjects.workflow('x', 'x'),
      subjects.cancel('x'),
    ];
    expect(addresses('nats').map(fill)).toEqual(spoken.sort());
  });

  it('has exactly our close codes, with their reasons', () => {
    const codes = Object.fromEntries(Object.values(CLOSE_CODES).map(({ code, reason }) => [String(code), reason]));
    for (const channel of at('realtime')) expect(channel['x-close-codes']).toEqual(codes);
  });

  it('names exactly the dialects there are', () => {
    const named = channels.flatMap(({ parameters, bindings }) =>
      [parameters?.['dialect']?.enum, bindings?.ws.query?.properties.dialect.enum].filter((list) => list !== undefined),
    );
    expect(named.length).toBeGreaterThan(1);
    for (const list of named) expect(list).toEqual([...DIALECT_NAMES]);
  });

  it('would be found out for an address that is not there', () => {
    const wrong = channelsOf(text.replace('address: /ws/{flow}/{run}', 'address: /ws/{run}'));
    expect(addresses('realtime', wrong)).not.toEqual(sockets.sort());
  });
});
