import { isJsonObject, parseJson } from '@runcast/run-events';
import { timestampFromMs } from '@runcast/run-events';
import { Problem, type LookupKey, type Principal } from '@runcast/service-host';
import type { CredentialWatch } from './live-credentials.ts';

/** What a client is told about its new token. */
export type RefreshAnswer =
  | { readonly control: 'refreshed'; readonly expires_at?: string }
  | { readonly control: 'refused'; readonly errors: readonly { readonly field: string; readonly expected: string }[] };

/** The token in a frame `{"action":"refresh","token":"…"}`; `undefined` when the frame says something else. */
export function readRefresh(text: string): string | undefined {
  // Every ping comes by here: most frames are told apart without being parsed.
  if (!text.includes('"refresh"')) return undefined;
  const parsed = parseJson(text);
  if (!parsed.ok || !isJsonObject(parsed.value) || parsed.value['action'] !== 'refresh') return undefined;
  const { token } = parsed.value;
  return typeof token === 'string' ? token : '';
}

/**
 * Lets a socket live on with a newer token of the same caller. It must allow exactly what the one before it did: the feeds
 * that are open were opened under those limits.
 */
export class Refreshing {
  private busy = false;

  constructor(
    private readonly viewer: Principal,
    private readonly watch: CredentialWatch,
    private readonly lookupKey: LookupKey,
  ) {}

  async take(token: string): Promise<RefreshAnswer> {
    // Checking a signature is work: one at a time, or a socket could order any amount of it.
    if (this.busy) return refused('one token at a time');
    this.busy = true;
    try {
      return this.extend(await this.lookupKey(token));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return refused('a token that can be checked now: try again in a few seconds');
    } finally {
      this.busy = false;
    }
  }

  private extend(principal: Principal | undefined): RefreshAnswer {
    if (principal === undefined || !isSameCaller(principal, this.viewer)) {
      return refused('a good token with the same tenant, subject, limits and the scope read');
    }
    this.watch.extend(principal);
    const { expiresAtMs } = principal;
    return { control: 'refreshed', ...(expiresAtMs !== undefined && { expires_at: timestampFromMs(expiresAtMs) }) };
  }
}

function isSameCaller(one: Principal, other: Principal): boolean {
  const facts = ({ tenant, keyId, limits }: Principal): string =>
    JSON.stringify([tenant, keyId, limits?.agents, limits?.sessions]);
  return one.scopes.includes('read') && facts(one) === facts(other);
}

function refused(expected: string): RefreshAnswer {
  return { control: 'refused', errors: [{ field: 'token', expected }] };
}
