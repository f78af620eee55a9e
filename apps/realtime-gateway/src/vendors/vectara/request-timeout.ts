import { describeFound } from '@runcast/run-events';
import type { FastifyRequest } from 'fastify';
import { VectaraError } from './errors.ts';

const SECONDS = 'request-timeout';
const MILLISECONDS = 'request-timeout-millis';
/** The longest that a timer of this platform can be set to. */
const MAX_MS = 2_147_483_647;

/**
 * How long the client wants to wait at most, in milliseconds: the shorter one when it sends both of the vendor's headers.
 *
 * @throws {VectaraError} `invalid_request` for what is no whole number from 1 on
 */
export function requestTimeoutOf({ headers }: Pick<FastifyRequest, 'headers'>): number | undefined {
  const asked = [readWhole(SECONDS, headers[SECONDS], 1_000), readWhole(MILLISECONDS, headers[MILLISECONDS], 1)];
  const given = asked.filter((ms) => ms !== undefined);
  return given.length === 0 ? undefined : Math.min(...given, MAX_MS);
}

/** @throws {VectaraError} `request_timeout` when the answer is not there in the time that the client gave. */
export async function withinRequestTimeout<T>(request: FastifyRequest, answer: () => Promise<T>): Promise<T> {
  const ms = requestTimeoutOf(request);
  if (ms === undefined) return answer();
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(ms)), ms);
  });
  return Promise.race([answer(), over]).finally(() => clearTimeout(timer));
}

export function timedOut(ms: number): VectaraError {
  return new VectaraError('request_timeout', `No answer within the ${ms} ms that the request gave.`);
}

function readWhole(name: string, value: string | string[] | undefined, unitMs: number): number | undefined {
  if (value === undefined) return undefined;
  const whole = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : 0;
  if (whole >= 1) return whole * unitMs;
  throw new VectaraError(
    'invalid_request',
    `${name}: expected a whole number from 1 on, found ${describeFound(value)}.`,
  );
}
