import { LogBackup, LogBackupError } from '@runcast/event-log';
import { copyTablesIn, DatabaseNotEmptyError, migrate, UnknownMigrationError } from '@runcast/read-models';
import { databaseUrlOf } from '../database-url.ts';
import { UserError } from '../errors.ts';
import { logOptionsOf } from '../log-options.ts';
import { progress } from '../progress.ts';
import { BackupReader, type Manifest } from './backup-files.ts';

/** `runcast restore <folder>`: into an empty database and a NATS that has no log yet. Nothing is written over. */
export async function restore(folder: string, replicas: number, host: NodeJS.Process): Promise<number> {
  const databaseUrl = databaseUrlOf(host.env);
  const options = logOptionsOf(host.env, 'runcast restore');
  const say = progress((text) => void host.stdout.write(text), Date.now);
  const reader = await BackupReader.open(folder);
  say('every file is what was written');
  const log = await LogBackup.connect(options);
  try {
    await requirePlace(log, reader.manifest, options.shards);
    await copyTablesIn(databaseUrl, reader.manifest.tables, (table) => Promise.resolve(reader.rowsOf(table)));
    say(`tables as of ${reader.manifest.takenAt}`);
    for (const copy of reader.manifest.shards) {
      await log.copyIn(copy, reader.chunksOf(copy.shard), replicas);
      say(`shard ${copy.shard}: positions ${copy.identity.firstSequence} to ${copy.identity.lastSequence}`);
    }
    const ran = await migrate(databaseUrl);
    if (ran.length > 0) say(`migrated: ${ran.join(', ')}`);
    say('restored; what was erased since the backup is here again: erase it again before the services start');
    return 0;
  } catch (error) {
    throw isForUsers(error) ? new UserError(error.message) : error;
  } finally {
    await log.close();
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
