import { UserError } from './errors.ts';
import type { Gateways } from './gateways.ts';

/**
 * Reads from the realtime gateway; `undefined` where it has no such thing.
 *
 * @throws {UserError} in the gateway's own words for everything else that is no answer
 */
export async function readApi<T>({ realtimeUrl, apiKey }: Gateways, path: string): Promise<T | undefined> {
  const response = await answerOf(realtimeUrl + path, apiKey);
  if (response.status === 404) return undefined;
  if (!response.ok) throw new UserError(`${response.status}: ${await detailOf(response)}`);
  return (await response.json()) as T;
}

async function answerOf(url: string, apiKey: string): Promise<Response> {
  try {
    return await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } });
  } catch (error) {
    throw new UserError(`${new URL(url).origin} does not answer: ${reasonOf(error)}`);
  }
}

/** Node puts what went wrong behind "fetch failed". */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
}

export async function detailOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as { detail?: string }).detail ?? text;
  } catch {
    return text.slice(0, 300);
  }
}
