import { Tickets, type Database, type TicketKind } from '@runcast/read-models';
import { timestampFromMs, timestampToMs, type Timestamp } from '@runcast/run-events';
import { Problem, type Limits, type Principal, type RedeemTicket, type TicketBounds } from '@runcast/service-host';

interface Grants {
  readonly bounds: TicketBounds;
  readonly limits?: Limits;
  readonly expiresAtMs?: number;
}

interface Issued {
  readonly ticket: string;
  readonly expiresAt: Timestamp;
}

/** Gives out tickets and views, and takes them: what a page shows instead of a key, which it must not hold. */
export class TicketOffice {
  private readonly tickets: Tickets<Grants>;

  constructor(database: Database) {
    this.tickets = new Tickets(database);
  }

  /** A ticket for a part of what its maker may watch. @throws {Problem} `rate_limited` while the tenant holds too many */
  issue(maker: Principal, bounds: TicketBounds): Promise<Issued> {
    return this.make(maker, bounds, 'ticket');
  }

  /**
   * A view for a ticket that was just taken: shows what the ticket would have, for as long as the view lives. One that is
   * made with another view ends with it, so nobody goes on for ever. @throws {Problem} as {@link issue}
   */
  issueView(taker: Principal, bounds: TicketBounds): Promise<Issued> {
    return this.make(taker, bounds, 'view');
  }

  readonly redeem: RedeemTicket = async (ticket) => {
    const found = await this.tickets.redeem(ticket);
    if (found === undefined) return undefined;
    const { tenant, keyId, grants, endsAtMs } = found;
    const { bounds, limits, expiresAtMs } = grants;
    const ends = earlier(endsAtMs, expiresAtMs);
    const rest = { ...(limits && { limits }), ...(ends !== undefined && { expiresAtMs: ends }) };
    return { tenant, keyId, scopes: ['read'], ticket: bounds, ...rest };
  };

  private async make(maker: Principal, bounds: TicketBounds, kind: TicketKind): Promise<Issued> {
    const { tenant, keyId, limits, expiresAtMs } = maker;
    // What is opened with it ends with what it was made with.
    const grants = { bounds, ...(limits && { limits }), ...(expiresAtMs !== undefined && { expiresAtMs }) };
    const issued = await this.tickets.issue({ tenant, keyId, grants }, kind);
    if (issued.outcome === 'issued') {
      const { ticket, expiresAt } = issued;
      const isCut = expiresAtMs !== undefined && expiresAtMs < timestampToMs(expiresAt);
      return { ticket, expiresAt: isCut ? timestampFromMs(expiresAtMs) : expiresAt };
    }
    throw new Problem('rate_limited', { detail: 'The tenant holds too many unused tickets.', retryAfterSeconds: 60 });
  }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
