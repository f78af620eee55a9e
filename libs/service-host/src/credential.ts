type Values = Readonly<Record<string, string | string[] | undefined>>;

/** Longer than any key that was ever given out; what is longer is not worth hashing. */
const MAX_CREDENTIAL_CHARS = 512;

const BEARER = /^Bearer +(\S+)$/i;

/**
 * The API key of a request: `Authorization: Bearer`, else the header `x-api-key`, else (only where `query` is passed)
 * the query parameters `x-api-key` or `api_key`. A parameter that occurs twice counts as absent.
 */
export function readCredential(headers: Values, query?: Values): string | undefined {
  const candidates = [bearer(headers['authorization']), headers['x-api-key'], query?.['x-api-key'], query?.['api_key']];
  const found = candidates.find((candidate) => candidate !== undefined && candidate !== '');
  return typeof found === 'string' && found.length <= MAX_CREDENTIAL_CHARS ? found : undefined;
}

function bearer(authorization: string | string[] | undefined): string | undefined {
  return typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined;
}
