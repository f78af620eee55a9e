import type { LookupKey } from './access.ts';
import type { JwtSettings } from './jwt-verifier.ts';

/** Recognises tokens, where there is an issuer of any. What checks signatures is loaded only then. */
export async function tokenLookup(settings: JwtSettings | undefined): Promise<LookupKey | undefined> {
  if (settings === undefined) return undefined;
  const { JwtVerifier } = await import('./jwt-verifier.ts');
  return new JwtVerifier(settings).lookup;
}
