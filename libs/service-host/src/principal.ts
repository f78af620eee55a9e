import type { Level } from '@runcast/run-events';

export const SCOPES = ['ingest', 'read', 'invoke', 'admin'] as const;
/** What a credential may do. No scope includes another. */
export type Scope = (typeof SCOPES)[number];

/** Of a tenant, the part that a credential may touch. What is absent is not limited. */
export interface Limits {
  readonly agents?: readonly string[];
  readonly sessions?: readonly string[];
}

/** The few feeds, and the part of their events, that a ticket was given out for. */
export interface TicketBounds {
  readonly runs: readonly string[];
  readonly sessions: readonly string[];
  /** Only these types of events; all when absent. */
  readonly types?: readonly string[];
  /** Only events at least this loud. */
  readonly level?: Level;
}

/** Who is asking. The tenant of everything a request touches comes from here, never from the request itself. */
export interface Principal {
  readonly tenant: string;
  /** Names the credential and whatever was derived from it: the id of an API key, or `jwt:` and the subject of a token. */
  readonly keyId: string;
  readonly scopes: readonly string[];
  readonly limits?: Limits;
  /** Set when the caller showed a ticket: then it may watch this and nothing else. */
  readonly ticket?: TicketBounds;
  /** When the credential ends by itself, what it has opened included (milliseconds since 1970). */
  readonly expiresAtMs?: number;
}
