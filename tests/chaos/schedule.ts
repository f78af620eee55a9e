import { seeded } from './seeded.ts';

/** The parts of the system that a fault disturbs. Faults that share none may happen at the same time. */
export type Domain = 'nats' | 'postgres' | 'projector' | 'ingest' | 'realtime';

const EVERYTHING: readonly Domain[] = ['nats', 'postgres', 'projector', 'ingest', 'realtime'];

/** What each kind of fault touches. A fault whose recovery is measured also holds what that recovery depends on. */
export const FAULT_KINDS = {
  'kill -9 ingest gateway': ['ingest'],
  'kill -9 projector': ['projector', 'postgres', 'nats'],
  'kill -9 realtime gateway': ['realtime'],
  'kill -9 NATS leader': ['nats', 'ingest'],
  'kill -9 NATS follower': ['nats'],
  'kill -9 Postgres': ['postgres', 'projector', 'nats'],
  'restart Postgres': ['postgres', 'projector', 'nats'],
  'freeze ingest gateway': ['ingest'],
  'freeze projector': ['projector'],
  'freeze realtime gateway': ['realtime'],
  'freeze NATS node': ['nats'],
  'freeze Postgres': ['postgres', 'projector'],
  'cut NATS connections': ['nats'],
  'cut NATS at a byte': ['nats'],
  'cut Postgres connections': ['postgres'],
  'cut Postgres at a byte': ['postgres'],
  'cut after COMMIT was sent': ['postgres'],
  'terminate sessions': ['postgres'],
  'cut clients at a byte': ['ingest', 'realtime'],
  'partition NATS leader from peers': ['nats', 'ingest'],
  'partition NATS node from all': ['nats'],
  'disk full': ['nats'],
  'rolling SIGTERM': EVERYTHING,
} as const satisfies Record<string, readonly Domain[]>;

export type FaultKind = keyof typeof FAULT_KINDS;

export interface PlannedFault {
  readonly kind: FaultKind;
  /** How long to wait before it, once what it touches is well. */
  readonly pauseMs: number;
  /** In [0, 1): which of several victims, which byte. */
  readonly chance: number;
  /** How long it lasts, for those that last. */
  readonly lengthMs: number;
}

/** Faults of these kinds in shuffled rounds: every kind comes once before any comes again. The same for the same seed. */
export function schedule(seed: number, kinds: readonly FaultKind[], count: number): PlannedFault[] {
  const random = seeded(seed);
  const order: FaultKind[] = [];
  while (order.length < count) order.push(...random.shuffled(kinds));
  return order.slice(0, count).map((kind) => ({
    kind,
    pauseMs: random.between(100, 1_200),
    chance: random.next(),
    lengthMs: random.between(800, 6_000),
  }));
}

/** The kinds of the short form: one of each sort, without those that mostly wait. */
export const SHORT_KINDS: readonly FaultKind[] = [
  'kill -9 ingest gateway',
  'kill -9 projector',
  'kill -9 realtime gateway',
  'kill -9 NATS leader',
  'kill -9 Postgres',
  'freeze realtime gateway',
  'freeze ingest gateway',
  'cut NATS at a byte',
  'cut after COMMIT was sent',
  'terminate sessions',
  'cut clients at a byte',
  'partition NATS leader from peers',
];
