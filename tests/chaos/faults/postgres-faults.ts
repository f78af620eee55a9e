import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@runcast/test-harness';
import { secondsSince, whenCut, type Fault, type Recovery, type Target } from './fault.ts';

const MOVES_ON_MS = 60_000;

export const killPostgres: Fault = async (target, { lengthMs }) => {
  await target.system.postgres.kill();
  return comeBack(target, lengthMs);
};

export const restartPostgres: Fault = async (target, { lengthMs }) => {
  await target.system.postgres.stop();
  return comeBack(target, lengthMs);
};

/** Measures from the moment at which Postgres takes connections until the tables have moved on. */
async function comeBack({ system: { postgres } }: Target, lengthMs: number): Promise<Recovery> {
  await sleep(lengthMs);
  await postgres.startAgain();
  const back = performance.now();
  const { sequence } = await postgres.projection();
  const movedOn = async (): Promise<boolean> => (await postgres.projection()).sequence > sequence;
  await waitFor(movedOn, { timeoutMs: MOVES_ON_MS, describe: 'the tables move on after Postgres is back' });
  return { name: 'projectorAfterPostgres', seconds: secondsSince(back) };
}

export const freezePostgres: Fault = async ({ system }, { lengthMs }) => {
  const thaw = system.postgres.freeze();
  try {
    await sleep(lengthMs);
  } finally {
    thaw();
  }
};

export const terminateSessions: Fault = ({ system }) => system.postgres.terminateSessions();

export const cutPostgres: Fault = ({ system }) => {
  system.doors.postgres.cut();
  return Promise.resolve();
};

export const cutPostgresAtByte: Fault = ({ system }, { chance }) => {
  system.doors.postgres.cutAfterBytes(1 + Math.floor(chance * 2_000));
  return whenCut([system.doors.postgres]);
};

/** The transaction is committed, and whoever committed it does not learn of it. */
export const cutAfterCommit: Fault = ({ system }) => {
  system.doors.postgres.cutAfterSending('COMMIT');
  return whenCut([system.doors.postgres]);
};
