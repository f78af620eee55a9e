import { randomBytes } from 'node:crypto';

/** A name that no other spec uses, for streams and subjects on the shared nats-server: 10 of [a-z0-9], a letter first. */
export function freshNamespace(): string {
  return `t${randomBytes(6).readUIntBE(0, 6).toString(36).padStart(9, '0').slice(-9)}`;
}
