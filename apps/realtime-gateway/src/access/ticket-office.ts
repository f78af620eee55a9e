import { Tickets, type Database } from '@runcast/read-models';
import type { Timestamp } from '@runcast/run-events';
import { Problem, type Limits, type Principal, type RedeemTicket, type TicketBounds } from '@runcast/service-host';

interface Grants {
  readonly bounds: TicketBounds;
  readonly limits?: Limits;
  readonly expiresAtMs?: number;
}

/** Gives out tickets and takes them: what a page shows instead of a key, which it must not hold. */
export class TicketOffice {
  private readonly tickets: Tickets<Grants>;

  constructor(database: Database) {
    this.tickets = new Tickets(database);
  }

  /** A ticket for a part of what its maker may watch. @throws {Problem} `rate_limited` while the tenant holds too many */
  async issue(maker: Principal, bounds: TicketBounds): Promise<{ ticket: string; expiresAt: Timestamp }> {
    const { tenant, keyId, limits, expiresAtMs } = maker;
    // What is opened with the ticket ends with what the ticket was made with.
    const grants = { bounds, ...(limits && { limits }), ...(expiresAtMs !== undefined && { expiresAtMs }) };
    const issued = await this.tickets.issue({ tenant, keyId, grants });
    if (issued.outcome === 'issued') return issued;
    throw new Problem('rate_limited', { detail: 'The tenant holds too many unused tickets.', retryAfterSeconds: 60 });
  }

  readonly redeem: RedeemTicket = async (ticket) => {
    const found = await this.tickets.redeem(ticket);
    if (found === undefined) return undefined;
    const { tenant, keyId, grants } = found;
    const { bounds, ...rest } = grants;
    return { tenant, keyId, scopes: ['read'], ticket: bounds, ...rest };
  };
}
