import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ApiKeys, KeyRing, openDatabase, type NewKey } from '@runcast/read-models';
import { ID_EXPECTED, isId } from '@runcast/run-events';
import { actorOf } from './actor.ts';
import { databaseUrlOf } from './database-url.ts';
import { UserError } from './errors.ts';

export const SCOPES = ['ingest', 'read', 'invoke', 'admin'];

/** A key as it is asked for on the command line: lists are separated by commas. */
export interface KeyRequest {
  readonly tenant?: string | undefined;
  readonly name: string;
  readonly scopes: string;
  readonly agents?: string | undefined;
  readonly sessions?: string | undefined;
  /** A file that keeps the key: none is made while it holds one of this tenant that the tables know. */
  readonly keepIn?: string | undefined;
}

/** `runcast keys create`: prints the key and nothing else, so that it can go into a variable. */
export async function createKey(request: KeyRequest, host: NodeJS.Process): Promise<number> {
  const databaseUrl = databaseUrlOf(host.env);
  const wanted = checked(request);
  const kept = request.keepIn && (await keptKey(request.keepIn, wanted.tenant, databaseUrl));
  const key = kept || (await issueKey(databaseUrl, wanted));
  if (request.keepIn && !kept) writeFileSync(request.keepIn, `${key}\n`, { mode: 0o600 });
  host.stdout.write(`${key}\n`);
  return 0;
}

async function keptKey(file: string, tenant: string, databaseUrl: string): Promise<string | undefined> {
  const key = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return (await isKeyOf(tenant, key, databaseUrl)) ? key : undefined;
}

/** The tables may be other ones than when a key was kept, or it may have been revoked. */
export async function isKeyOf(tenant: string, key: string, databaseUrl: string): Promise<boolean> {
  const keys = await KeyRing.start({ databaseUrl });
  try {
    return keys.lookup(key)?.tenant === tenant;
  } finally {
    await keys.stop();
  }
}

export async function issueKey(databaseUrl: string, request: NewKey): Promise<string> {
  return withKeys(databaseUrl, async (keys) => (await keys.create({ ...request, actor: actorOf() })).key);
}

/** `runcast keys list`: every key of a tenant, revoked ones too; never a key itself. */
export async function listKeys({ tenant }: { readonly tenant: string }, host: NodeJS.Process): Promise<number> {
  const found = await withKeys(databaseUrlOf(host.env), (keys) => keys.list({ tenant: tenantOf(tenant) }));
  for (const { id, prefix, name, scopes, agents, sessions, createdAt, lastUsedAt, revokedAt } of found) {
    const limits = [...(agents ?? []), ...(sessions ?? [])].join(',') || 'all';
    const life = revokedAt ? `revoked ${revokedAt}` : `used ${lastUsedAt ?? 'never'}`;
    host.stdout.write([id, `${prefix}…`, name, scopes.join(','), limits, `made ${createdAt}`, life].join('  ') + '\n');
  }
  return 0;
}

/** `runcast keys revoke`: for good, on every gateway within seconds, streams that are open included. */
export async function revokeKey(key: { tenant: string; id: string }, host: NodeJS.Process): Promise<number> {
  const revoked = await withKeys(databaseUrlOf(host.env), (keys) =>
    keys.revoke({ ...key, tenant: tenantOf(key.tenant), actor: actorOf() }),
  );
  if (!revoked) throw new UserError('The tenant has no such key, or it was revoked before.');
  host.stdout.write('revoked; every gateway knows within 5 seconds\n');
  return 0;
}

async function withKeys<T>(databaseUrl: string, work: (keys: ApiKeys) => Promise<T>): Promise<T> {
  const database = openDatabase({ databaseUrl, applicationName: 'runcast cli', maxConnections: 1 });
  try {
    return await work(new ApiKeys(database));
  } finally {
    await database.end();
  }
}

function tenantOf(tenant: string | undefined): string {
  if (isId(tenant)) return tenant;
  throw new UserError(`--tenant: expected ${ID_EXPECTED}`);
}

function namesOf(option: string, text: string | undefined): string[] | undefined {
  const names = text?.split(',').map((name) => name.trim());
  if (names !== undefined && !names.every(isId)) throw new UserError(`${option}: expected ids, separated by commas`);
  return names;
}

function checked({ tenant, name, scopes, agents, sessions }: KeyRequest) {
  const names = scopes.split(',').map((scope) => scope.trim());
  const unknown = names.filter((scope) => !SCOPES.includes(scope));
  if (unknown.length > 0) throw new UserError(`--scopes: expected some of ${SCOPES.join(', ')}`);
  return {
    tenant: tenantOf(tenant),
    name,
    scopes: names,
    agents: namesOf('--agents', agents),
    sessions: namesOf('--sessions', sessions),
  };
}
