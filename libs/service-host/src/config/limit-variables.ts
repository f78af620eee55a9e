import type { z } from 'zod';
import type { OpenMaxima } from '../limits/open-limits.ts';
import { wholeNumber } from './values.ts';

/** How much a key and a tenant may ask of all replicas together. */
export const rateVariables = {
  RUNCAST_KEY_REQUESTS_PER_MINUTE: wholeNumber({ min: 0, max: 1_000_000_000 })
    .default(3_000_000)
    .describe('Requests per minute that one API key may make to this kind of gateway; 0 takes any number'),
  RUNCAST_TENANT_REQUESTS_PER_MINUTE: wholeNumber({ min: 0, max: 1_000_000_000 })
    .default(6_000_000)
    .describe('The same for all keys of a tenant together'),
};

/** How much may be open at a time in one replica. */
export const openVariables = {
  RUNCAST_MAX_OPEN: openMaximum(50_000, 'Requests under way, streams and WebSockets of a replica; 0 is no limit'),
  RUNCAST_MAX_OPEN_PER_TENANT: openMaximum(40_000, 'The same for one tenant'),
  RUNCAST_MAX_OPEN_PER_KEY: openMaximum(20_000, 'The same for one API key'),
  RUNCAST_MAX_OPEN_PER_ADDRESS: openMaximum(0, 'The same for one network address; behind a proxy all have the same'),
  RUNCAST_NEW_CONNECTIONS_PER_SECOND: openMaximum(
    0,
    'New connections per second of one network address; more are closed unread',
  ),
};

/** The limits of both gateways. */
export const limitVariables = { ...rateVariables, ...openVariables };

function openMaximum(byDefault: number, meaning: string) {
  return wholeNumber({ min: 0, max: 10_000_000 }).default(byDefault).describe(meaning);
}

/** {@link openVariables} as the limits take them. */
export function openMaxima(config: Readonly<z.infer<z.ZodObject<typeof openVariables>>>): OpenMaxima {
  return {
    total: config.RUNCAST_MAX_OPEN,
    perTenant: config.RUNCAST_MAX_OPEN_PER_TENANT,
    perKey: config.RUNCAST_MAX_OPEN_PER_KEY,
    perAddress: config.RUNCAST_MAX_OPEN_PER_ADDRESS,
  };
}
