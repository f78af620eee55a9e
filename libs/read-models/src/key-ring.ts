import { hash } from 'node:crypto';
import { isApiKey } from './api-keys.ts';
import { openDatabase, type Database } from './database.ts';

/** Who a key speaks for. */
export interface KeyHolder {
  readonly tenant: string;
  readonly keyId: string;
  readonly scopes: readonly string[];
  /** Names it is limited to; absent: all of the tenant. */
  readonly limits?: { readonly agents?: readonly string[]; readonly sessions?: readonly string[] };
}

export interface KeyRingOptions {
  readonly databaseUrl: string;
  /** How often to ask for changes, and so how long a revoked key may still open doors. */
  readonly pollMs?: number;
  /** Told of every poll that failed. */
  readonly onError?: (error: unknown) => void;
}

/**
 * All keys in memory, so that recognising one costs no round trip and works while Postgres is away: the last snapshot
 * goes on serving.
 */
export class KeyRing {
  /** By the hash of the key in base64. */
  readonly #byHash = new Map<string, KeyHolder>();
  /** Keys that were used since it was last written down: at most as many as there are. */
  readonly #used = new Set<string>();
  readonly #database: Database;
  readonly #pollMs: number;
  readonly #onError: (error: unknown) => void;
  #seenUntil = '2000-01-01T00:00:00.000000Z';
  #ready = false;
  #polling: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  readonly #onRevoked: ((keyId: string) => void)[] = [];

  private constructor(options: KeyRingOptions) {
    this.#onError = options.onError ?? (() => undefined);
    this.#pollMs = options.pollMs ?? 2_000;
    this.#database = openDatabase({
      databaseUrl: options.databaseUrl,
      applicationName: 'runcast key ring',
      maxConnections: 1,
      waitMs: 5_000,
    });
  }

  /** Resolves after the first attempt to read the keys. It never rejects: without Postgres it is not {@link ready} yet. */
  static async start(options: KeyRingOptions): Promise<KeyRing> {
    const ring = new KeyRing(options);
    await ring.#pollAndGoOn();
    return ring;
  }

  /** Whether there has been a snapshot; until then nobody is recognised. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Who the key speaks for; `undefined` for any text that is not the key of anybody now. Never waits. */
  lookup(key: string): KeyHolder | undefined {
    if (!isApiKey(key)) return undefined;
    // Looking up by hash leaks nothing by its timing: who can choose the hash's bytes already has the key.
    const holder = this.#byHash.get(hash('sha256', key, 'base64'));
    if (holder !== undefined) this.#used.add(holder.keyId);
    return holder;
  }

  /**
   * Calls back for every key that was revoked, after {@link lookup} has forgotten it. More than once for the same key: what
   * was under way when it was revoked is caught by a later call.
   */
  onRevoked(listener: (keyId: string) => void): void {
    this.#onRevoked.push(listener);
  }

  /** Asks for changes now instead of at the next poll. */
  async refresh(): Promise<void> {
    await this.#polling;
    await this.#poll();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#polling;
    await this.#database.end();
  }

  async #pollAndGoOn(): Promise<void> {
    this.#polling = this.#poll().catch(this.#onError);
    await this.#polling;
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#pollAndGoOn(), this.#pollMs);
  }

  async #poll(): Promise<void> {
    const { rows } = await this.#database.query<KeyRow>(CHANGES, [this.#seenUntil]);
    for (const row of rows) this.#take(row);
    this.#ready = true;
    await this.#writeDownUse();
  }

  /** Once a minute per key, however many replicas use it: a write per request would cost more than the request. */
  async #writeDownUse(): Promise<void> {
    if (this.#used.size === 0) return;
    const used = [...this.#used].slice(0, MAX_WRITTEN);
    await this.#database.query(USED, [used]);
    for (const id of used) this.#used.delete(id);
  }

  #revoke(name: string, id: string): void {
    this.#byHash.delete(name);
    for (const listener of this.#onRevoked) listener(id);
  }

  #take({ id, tenant, scopes, agents, sessions, hash, revoked, changed_at }: KeyRow): void {
    const name = hash.toString('base64');
    if (revoked) this.#revoke(name, id);
    else this.#byHash.set(name, holderOf({ id, tenant, scopes, agents, sessions }));
    if (changed_at > this.#seenUntil) this.#seenUntil = changed_at;
  }
}

// Looks back further than the newest change seen: a transaction that began earlier may commit later.
const CHANGES = `
  SELECT id, tenant, scopes, agents, sessions, hash, revoked_at IS NOT NULL AS revoked, changed_at FROM api_key
  WHERE changed_at > $1::timestamptz - interval '1 minute' ORDER BY changed_at`;

const USED = `
  UPDATE api_key SET last_used_at = now()
  WHERE id = ANY($1) AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`;

const MAX_WRITTEN = 1_000;

type HolderRow = Pick<KeyRow, 'id' | 'tenant' | 'scopes' | 'agents' | 'sessions'>;

function holderOf({ id, tenant, scopes, agents, sessions }: HolderRow): KeyHolder {
  const limits = { ...(agents !== null && { agents }), ...(sessions !== null && { sessions }) };
  return { tenant, keyId: id, scopes, ...((agents !== null || sessions !== null) && { limits }) };
}

interface KeyRow {
  id: string;
  tenant: string;
  scopes: string[];
  agents: string[] | null;
  sessions: string[] | null;
  hash: Buffer;
  revoked: boolean;
  changed_at: string;
}
