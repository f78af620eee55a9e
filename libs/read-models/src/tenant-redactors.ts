import { Redactor, type RedactionRules } from '@runcast/redaction';
import type { Database } from './database.ts';

export interface TenantRedactorsOptions {
  /** Opened and closed by somebody else. */
  readonly database: Database;
  /** How often to ask for changes, and so how long replaced rules may still be gone by. */
  readonly pollMs?: number;
  /** Told of every poll that failed. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The tenants' redactors in memory, so that taking an event in costs no round trip and goes on while Postgres is away, by
 * the last known rules.
 */
export class TenantRedactors {
  private readonly standard = new Redactor();
  private readonly own = new Map<string, { readonly text: string; readonly redactor: Redactor }>();
  private seenUntil = '2000-01-01T00:00:00.000000Z';
  private known = false;
  private stopped = false;
  private polling: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  private constructor(private readonly options: TenantRedactorsOptions) {}

  /** Resolves after the first attempt to read the rules. It never rejects: without Postgres it is not {@link ready} yet. */
  static async start(options: TenantRedactorsOptions): Promise<TenantRedactors> {
    const redactors = new TenantRedactors(options);
    await redactors.pollAndGoOn();
    return redactors;
  }

  /** Whether the rules have been read at all. Until then nothing may be taken in: what is stored cannot be redacted any more. */
  get ready(): boolean {
    return this.known;
  }

  /** The tenant's redactor: the standard one where it has no rules of its own. Never waits. */
  of(tenant: string): Redactor {
    return this.own.get(tenant)?.redactor ?? this.standard;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.polling;
  }

  private async pollAndGoOn(): Promise<void> {
    this.polling = this.poll().catch(this.options.onError ?? (() => undefined));
    await this.polling;
    if (!this.stopped) this.timer = setTimeout(() => void this.pollAndGoOn(), this.options.pollMs ?? 2_000);
  }

  private async poll(): Promise<void> {
    const { rows } = await this.options.database.query<ChangedRow>(CHANGES, [this.seenUntil]);
    for (const row of rows) this.take(row);
    this.known = true;
  }

  /** Compiled anew only when the text differs: each poll looks back and meets the same rules again. */
  private take({ tenant, rules, changed_at }: ChangedRow): void {
    const text = JSON.stringify(rules);
    if (this.own.get(tenant)?.text !== text) this.own.set(tenant, { text, redactor: new Redactor(rules) });
    if (changed_at > this.seenUntil) this.seenUntil = changed_at;
  }
}

// Looks back further than the newest change seen: a transaction that began earlier may commit later.
const CHANGES = `
  SELECT tenant, rules, changed_at FROM redaction_rules
  WHERE changed_at > $1::timestamptz - interval '1 minute' ORDER BY changed_at`;

interface ChangedRow {
  tenant: string;
  rules: RedactionRules;
  changed_at: string;
}
