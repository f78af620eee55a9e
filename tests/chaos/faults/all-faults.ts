import type { FaultKind } from '../schedule.ts';
import { whenCut, type Fault } from './fault.ts';
import { cutNats, cutNatsAtByte, fillDisk, freezeNode, killFollower, killLeader, partition } from './nats-faults.ts';
import {
  cutAfterCommit,
  cutPostgres,
  cutPostgresAtByte,
  freezePostgres,
  killPostgres,
  restartPostgres,
  terminateSessions,
} from './postgres-faults.ts';
import { freezeOne, freezeWritingProjector, killOne, killWritingProjector, rollingRestart } from './service-faults.ts';

const cutClientsAtByte: Fault = ({ system }, { chance }) => {
  const doors = [...system.doors.ingest, ...system.doors.realtime];
  for (const door of doors) door.cutAfterBytes(1 + Math.floor(chance * 5_000));
  return whenCut(doors);
};

export const FAULTS: Readonly<Record<FaultKind, Fault>> = {
  'kill -9 ingest gateway': killOne('ingest'),
  'kill -9 projector': killWritingProjector,
  'kill -9 realtime gateway': killOne('realtime'),
  'kill -9 NATS leader': killLeader,
  'kill -9 NATS follower': killFollower,
  'kill -9 Postgres': killPostgres,
  'restart Postgres': restartPostgres,
  'freeze ingest gateway': freezeOne('ingest'),
  'freeze projector': freezeWritingProjector,
  'freeze realtime gateway': freezeOne('realtime'),
  'freeze NATS node': freezeNode,
  'freeze Postgres': freezePostgres,
  'cut NATS connections': cutNats,
  'cut NATS at a byte': cutNatsAtByte,
  'cut Postgres connections': cutPostgres,
  'cut Postgres at a byte': cutPostgresAtByte,
  'cut after COMMIT was sent': cutAfterCommit,
  'terminate sessions': terminateSessions,
  'cut clients at a byte': cutClientsAtByte,
  'partition NATS leader from peers': partition('leader', 'peers'),
  'partition NATS node from all': partition('any', 'all'),
  'disk full': fillDisk,
  'rolling SIGTERM': rollingRestart,
};
