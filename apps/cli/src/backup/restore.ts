import { LogBackup, LogBackupError } from '@runcast/event-log';
import {
  applyErasureNotes,
  copyTablesIn,
  DatabaseNotEmptyError,
  migrate,
  openDatabase,
  UnknownMigrationError,
  type ErasureNote,
  type PendingErasure,
} from '@runcast/read-models';
import { databaseUrlOf } from '../database-url.ts';
import { UserError } from '../errors.ts';
import { logOptionsOf } from '../log-options.ts';
import { progress } from '../progress.ts';
import { BackupReader, type Manifest } from './backup-files.ts';
import { eraseAgain } from './erase-again.ts';
import { readErasureNotes } from './erasure-notes.ts';

export interface RestoreRequest {
  readonly replicas: number;
  /** Where it stands what was erased since the backup: see readErasureNotes. */
  readonly erasures: string;
}

/**
 * `runcast restore <folder>`: into an empty database and a NATS that has no log yet. Nothing is written over, and what
 * was erased since the backup was taken stays erased.
 */
export async function restore(
  folder: string,
  { replicas, erasures }: RestoreRequest,
  host: NodeJS.Process,
): Promise<number> {
  const databaseUrl = databaseUrlOf(host.env);
  const options = logOptionsOf(host.env, 'runcast restore');
  const say = progress((text) => void host.stdout.write(text), Date.now);
  const reader = await BackupReader.open(folder);
  const notes = await readErasureNotes(erasures);
  say('every file is what was written');
  const log = await LogBackup.connect(options);
  try {
    await requirePlace(log, reader.manifest, options.shards);
    await copyTablesIn(databaseUrl, reader.manifest.tables, (table) => Promise.resolve(reader.rowsOf(table)));
    say(`tables as of ${reader.manifest.takenAt}`);
    const ran = await migrate(databaseUrl);
    if (ran.length > 0) say(`migrated: ${ran.join(', ')}`);
    // Before there is a log: nobody can be shown anything of it, and whoever dies behind this leaves it to the projector.
    const erased = await noteErasures(databaseUrl, notes);
    for (const copy of reader.manifest.shards) {
      await log.copyIn(copy, reader.chunksOf(copy.shard), replicas);
      say(`shard ${copy.shard}: positions ${copy.identity.firstSequence} to ${copy.identity.lastSequence}`);
    }
    await eraseAgain(databaseUrl, options, erased);
    say(`restored; ${notes.length} notes of erasures, ${erased.length} of which the backup still held`);
    return 0;
  } catch (error) {
    throw isForUsers(error) ? new UserError(error.message) : error;
  } finally {
    await log.close();
  }
}

async function noteErasures(databaseUrl: string, notes: readonly ErasureNote[]): Promise<PendingErasure[]> {
  const database = openDatabase({ databaseUrl, applicationName: 'runcast restore', statementMs: 3_600_000 });
  try {
    return await applyErasureNotes(database, notes);
  } finally {
    await database.end();
  }
}

/** Looked at before anything is written: half a restore would be worse than none. */
async function requirePlace(log: LogBackup, { shards }: Manifest, wanted: number): Promise<void> {
  if (shards.length !== wanted) {
    throw new UserError(`RUNCAST_SHARDS: expected ${shards.length}, as the backup has, found ${wanted}`);
  }
  for (const { shard } of shards) {
    if ((await log.find(shard)) === undefined) continue;
    throw new UserError(`NATS_URL: expected a NATS without a log, found shard ${shard} in it`);
  }
}

function isForUsers(error: unknown): error is Error {
  return [LogBackupError, DatabaseNotEmptyError, UnknownMigrationError].some((kind) => error instanceof kind);
}
