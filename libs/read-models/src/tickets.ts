import { randomBytes } from 'node:crypto';
import type { Timestamp } from '@runcast/run-events';
import { hashOf } from './api-keys.ts';
import type { Database } from './database.ts';

/** Whom a ticket lets in, and to what. `grants` is JSON that comes back as it went in. */
export interface TicketFacts<Grants> {
  readonly tenant: string;
  /** The credential it was made with. */
  readonly keyId: string;
  readonly grants: Grants;
}

export interface RedeemedTicket<Grants> extends TicketFacts<Grants> {
  /** When a view ends (milliseconds since 1970). What a ticket has opened lives on without it. */
  readonly endsAtMs?: number;
}

export type IssueOutcome =
  | { readonly outcome: 'issued'; readonly ticket: string; readonly expiresAt: Timestamp }
  /** The tenant has as many unused tickets and views as it may have. */
  | { readonly outcome: 'too-many' };

/** A `ticket` is good once; a `view`, which a page gets for a ticket, until it ends. The prefix tells them apart. */
export type TicketKind = 'ticket' | 'view';

const PREFIXES: Readonly<Record<TicketKind, string>> = { ticket: 'rct_', view: 'rcv_' };
const LIVES: Readonly<Record<TicketKind, number>> = { ticket: 60_000, view: 3_600_000 };
const TICKET = /^rc[tv]_[A-Za-z0-9_-]{43}$/;

/** Unused tickets, and views, of one tenant: a page that asks in a loop must not fill the table. */
export const MAX_TICKETS = 10_000;

const SWEPT_AT_ONCE = 100;

/**
 * Tickets: good once, for a short time, through any replica. A row is taken by deleting it, so of two gateways that are
 * shown the same ticket in the same moment one finds it. Postgres' clock alone tells whether it is too late. A view stays
 * until it ends.
 */
export class Tickets<Grants extends object> {
  constructor(
    private readonly database: Database,
    private readonly livesMs = LIVES,
  ) {}

  async issue({ tenant, keyId, grants }: TicketFacts<Grants>, kind: TicketKind = 'ticket'): Promise<IssueOutcome> {
    const ticket = `${PREFIXES[kind]}${randomBytes(32).toString('base64url')}`;
    const values = [hashOf(ticket), tenant, keyId, grants, this.livesMs[kind], MAX_TICKETS];
    const { rows } = await this.database.query<{ expires_at: Timestamp }>(ISSUE, values);
    if (rows[0] === undefined) return { outcome: 'too-many' };
    return { outcome: 'issued', ticket, expiresAt: rows[0].expires_at };
  }

  /**
   * Takes the ticket, or looks at the view. `undefined` for one that is unknown, was taken before, has expired, or whose
   * key was revoked.
   */
  async redeem(ticket: string): Promise<RedeemedTicket<Grants> | undefined> {
    if (!TICKET.test(ticket)) return undefined;
    const isView = ticket.startsWith(PREFIXES.view);
    const { rows } = await this.database.query<TicketRow<Grants>>(isView ? LOOK : REDEEM, [hashOf(ticket)]);
    const [row] = rows;
    if (!row?.good) return undefined;
    const { tenant, key_id: keyId, grants, ends_at_ms: endsAtMs } = row;
    return { tenant, keyId, grants, ...(isView && { endsAtMs }) };
  }
}

// Whoever adds one clears some that nobody used, so the table needs no sweeper and grows by nothing.
const ISSUE = `
  WITH swept AS (
    DELETE FROM ticket WHERE hash IN (
      SELECT hash FROM ticket WHERE tenant = $2 AND expires_at < now() LIMIT ${SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED
    )
  )
  INSERT INTO ticket (hash, tenant, key_id, grants, expires_at)
  SELECT $1, $2, $3, $4, now() + $5 * interval '1 millisecond'
  WHERE (SELECT count(*) FROM ticket WHERE tenant = $2 AND expires_at >= now()) < $6
  RETURNING expires_at`;

// Whatever becomes of it, it was shown and is gone. A key that was revoked since takes its tickets along.
const FOUND = `
  tenant, key_id, grants, (extract(epoch FROM expires_at) * 1000)::float8 AS ends_at_ms,
  expires_at > now() AND NOT EXISTS (
    SELECT FROM api_key WHERE id = key_id AND revoked_at IS NOT NULL
  ) AS good`;
const REDEEM = `DELETE FROM ticket WHERE hash = $1 RETURNING ${FOUND}`;
const LOOK = `SELECT ${FOUND} FROM ticket WHERE hash = $1`;

interface TicketRow<Grants> {
  tenant: string;
  key_id: string;
  grants: Grants;
  ends_at_ms: number;
  good: boolean;
}
