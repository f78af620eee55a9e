type Values = Readonly<Record<string, string | string[] | undefined>>;

/** What a request shows of itself: an API key or a token, or a ticket that was made with one of them. */
export interface Credential {
  readonly kind: 'key' | 'ticket';
  readonly text: string;
}

/** A ticket, or the view that a page has taken for one. */
const TICKET = /^rc[tv]_/;

/** No key and no ticket comes near; a token of more than this would not fit among other headers. */
const MAX_CREDENTIAL_CHARS = 8_192;

const BEARER = /^Bearer +(\S+)$/i;

/**
 * The credential of a request: `Authorization: Bearer`, else the header `x-api-key`, else (only where `query` is passed)
 * the query parameters `ticket`, `x-api-key` or `api_key`. A parameter that occurs twice counts as absent. Where `query`
 * is passed a header may hold a ticket; anywhere else that is a key which nobody knows.
 */
export function readCredential(headers: Values, query?: Values): Credential | undefined {
  return (
    inHeader(bearer(headers['authorization']), query !== undefined) ??
    inHeader(headers['x-api-key'], query !== undefined) ??
    credential('ticket', query?.['ticket']) ??
    credential('key', query?.['x-api-key']) ??
    credential('key', query?.['api_key'])
  );
}

/** How a browser's WebSocket, which can set no header, shows a ticket without writing it into the address. */
const TICKET_PROTOCOL = /^runcast\.ticket\.([A-Za-z0-9_-]+)$/;

/** The WebSocket subprotocol that our answer confirms, and the ticket offered beside it. */
export const SOCKET_PROTOCOL = 'runcast';

/** The ticket among the subprotocols of an upgrade: `runcast, runcast.ticket.<ticket>`. */
export function ticketInProtocols(header: string | undefined): Credential | undefined {
  const offered = header?.split(',').map((protocol) => protocol.trim()) ?? [];
  return credential('ticket', offered.map((protocol) => TICKET_PROTOCOL.exec(protocol)?.[1]).find(Boolean));
}

/** A token is three parts with dots between them, which no key and no ticket of ours has. */
export function isJwt(credential: string): boolean {
  return credential.split('.', 4).length === 3;
}

function inHeader(text: string | string[] | undefined, mayBeTicket: boolean): Credential | undefined {
  return credential(mayBeTicket && typeof text === 'string' && TICKET.test(text) ? 'ticket' : 'key', text);
}

function credential(kind: Credential['kind'], text: string | string[] | undefined): Credential | undefined {
  const usable = typeof text === 'string' && text !== '' && text.length <= MAX_CREDENTIAL_CHARS;
  return usable ? { kind, text } : undefined;
}

function bearer(authorization: string | string[] | undefined): string | undefined {
  return typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined;
}
