import { timestampFromMs, type Timestamp } from '@runcast/run-events';

const SECOND_DIGITS = -9;
const MICROSECOND_DIGITS = -3;

/**
 * When a message was stored, from the digits of the nanoseconds since 1970 that NATS tells; what is below the microsecond is
 * cut. A Date for each message would take as long as its JSON.
 */
export function storedAtOf(digits: string): Timestamp {
  const seconds = digits.slice(0, SECOND_DIGITS);
  if (seconds !== lastSecond.digits) {
    lastSecond = { digits: seconds, upToPoint: timestampFromMs(Number(seconds) * 1_000).slice(0, -'000000Z'.length) };
  }
  return `${lastSecond.upToPoint}${digits.slice(SECOND_DIGITS, MICROSECOND_DIGITS)}Z`;
}

/** Most messages were stored in the same second as the one before. */
let lastSecond = { digits: '', upToPoint: '' };
