import { hash, randomBytes, randomUUID } from 'node:crypto';
import type { Timestamp } from '@runcast/run-events';
import { asTenant } from './as-tenant.ts';
import { inTransaction, type Connection, type Database } from './database.ts';
import { appendAct, recordAct } from './erasure/audit-log.ts';

/** What may be shown of a key once it has been made. */
export interface ApiKey {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** The first characters, by which its owner recognises it. */
  readonly prefix: string;
  /** Names it is limited to; absent: all. */
  readonly agents?: readonly string[];
  readonly sessions?: readonly string[];
  readonly createdAt: Timestamp;
  /** To the minute, and a little late: it is written down lazily. */
  readonly lastUsedAt?: Timestamp;
  readonly revokedAt?: Timestamp;
}

export interface NewKey {
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly agents?: readonly string[] | undefined;
  readonly sessions?: readonly string[] | undefined;
}

export interface ByWhom {
  /** Who does it, for the audit: the id of an API key, or the command line's user. */
  readonly actor: string;
}

export interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly prefix: string;
}

const KEY = /^rck_[A-Za-z0-9_-]{43}$/;
const PREFIX_CHARACTERS = 8;

/** Whether the text has the form of a key. Says nothing about whether there is such a key. */
export function isApiKey(text: string): boolean {
  return KEY.test(text);
}

/**
 * A fast hash is right here: a key is 256 random bits, so there is nothing to guess, and a slow hash in the path of every
 * request would be an attack surface of its own.
 */
export function hashOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** The keys of all tenants, as rows. To recognise a key in the path of a request, see KeyRing. */
export class ApiKeys {
  constructor(private readonly database: Database) {}

  /** Makes a key and records who did. `key` is shown here and never again: only its hash is stored. */
  async create({ actor, ...request }: NewKey & ByWhom): Promise<CreatedKey> {
    const { tenant, name, scopes, agents, sessions } = request;
    const created = newKey();
    const details = {
      name,
      scopes: [...scopes],
      ...(agents && { agents: [...agents] }),
      ...(sessions && { sessions: [...sessions] }),
    };
    const act = { tenant, actor, action: 'api-key.created', subject: created.id, details };
    await recordAct(this.database, act, (connection) => insertKey(connection, request, created));
    return created;
  }

  /**
   * Ends a key for good and records who did; it stays listed. `false` when the tenant has no such key or it has ended
   * before.
   */
  async revoke({ tenant, id, actor }: { readonly tenant: string; readonly id: string } & ByWhom): Promise<boolean> {
    return inTransaction(this.database, 'BEGIN', async (connection) => {
      const { rowCount } = await connection.query(
        `UPDATE api_key SET revoked_at = now(), changed_at = now()
         WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL`,
        [tenant, id],
      );
      if (rowCount !== 1) return false;
      await appendAct(connection, { tenant, actor, action: 'api-key.revoked', subject: id });
      return true;
    });
  }

  /** The tenant's keys, oldest first, ended ones included. */
  async list({ tenant }: { readonly tenant: string }): Promise<ApiKey[]> {
    const { rows } = await asTenant(this.database, tenant).query<ApiKeyRow>(
      `SELECT id, tenant, name, scopes, agents, sessions, prefix, created_at, last_used_at, revoked_at FROM api_key
       WHERE tenant = $1 ORDER BY created_at, id`,
      [tenant],
    );
    return rows.map(({ created_at, last_used_at, revoked_at, agents, sessions, ...row }) => ({
      ...row,
      ...(agents !== null && { agents }),
      ...(sessions !== null && { sessions }),
      createdAt: created_at,
      ...(last_used_at !== null && { lastUsedAt: last_used_at }),
      ...(revoked_at !== null && { revokedAt: revoked_at }),
    }));
  }
}

export function newKey(): CreatedKey {
  const key = `rck_${randomBytes(32).toString('base64url')}`;
  return { id: randomUUID(), key, prefix: key.slice(0, PREFIX_CHARACTERS) };
}

/** Within a transaction of the caller. */
export async function insertKey(
  connection: Connection,
  request: NewKey,
  { id, key, prefix }: CreatedKey,
): Promise<void> {
  const { tenant, name, scopes, agents, sessions } = request;
  await connection.query(
    `INSERT INTO api_key (id, tenant, name, scopes, agents, sessions, prefix, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, tenant, name, scopes, agents, sessions, prefix, hashOf(key)],
  );
}

interface ApiKeyRow {
  id: string;
  tenant: string;
  name: string;
  scopes: string[];
  agents: string[] | null;
  sessions: string[] | null;
  prefix: string;
  created_at: Timestamp;
  last_used_at: Timestamp | null;
  revoked_at: Timestamp | null;
}
