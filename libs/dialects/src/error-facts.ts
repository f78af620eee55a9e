import { isJsonObject, type ErrorFacts, type JsonValue } from '@runcast/run-events';

/**
 * An error in any of the shapes vendors give it: a text, an object with message, type and code, or nothing at all.
 * Never refuses: an event that ends a run must not be lost because its error is oddly shaped.
 *
 * Members beyond the named ones become `details`, unless the error has details of its own.
 */
export function errorFacts(error: JsonValue | undefined, otherwise: string): ErrorFacts {
  if (!isJsonObject(error)) return { message: typeof error === 'string' && error !== '' ? error : otherwise };
  const { message, type, code, details, ...others } = error;
  const extra = details === undefined && Object.keys(others).length > 0 ? others : details;
  return {
    message: typeof message === 'string' ? message : otherwise,
    ...(typeof type === 'string' && { type }),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
    ...(extra !== undefined && { details: extra }),
  };
}
