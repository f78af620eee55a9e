import { LogBackup, type ShardCopy } from '@runcast/event-log';
import { copyTablesOut } from '@runcast/read-models';
import { databaseUrlOf } from '../database-url.ts';
import { logOptionsOf } from '../log-options.ts';
import { progress } from '../progress.ts';
import { BackupWriter, shardFile } from './backup-files.ts';

/** `runcast backup <folder>`: the log and the tables as they are, while everything runs. */
export async function backup(folder: string, host: NodeJS.Process): Promise<number> {
  const databaseUrl = databaseUrlOf(host.env);
  const options = logOptionsOf(host.env, 'runcast backup');
  const say = progress((text) => void host.stdout.write(text), Date.now);
  const log = await LogBackup.connect(options);
  try {
    const writer = await BackupWriter.open(folder);
    const takenAt = new Date().toISOString();
    // The tables first: a log that reaches further than they do is projected on. The other way round no projector would
    // go on from tables that know more than the log.
    const tables = await copyTablesOut(databaseUrl, (table, rows) => writer.writeRows(table, rows));
    say(`${tables.tables.reduce((sum, { rows }) => sum + rows, 0)} rows of ${tables.tables.length} tables`);
    const shards: ShardCopy[] = [];
    for (let shard = 0; shard < options.shards; shard += 1) {
      const copy = await writer.writeChunks(shardFile(shard), (take) => log.copyOut(shard, take));
      say(`shard ${shard}: positions ${copy.identity.firstSequence} to ${copy.identity.lastSequence}`);
      shards.push(copy);
    }
    await writer.close({ takenAt, tables, shards });
    say(`${folder} is a backup`);
    return 0;
  } finally {
    await log.close();
  }
}
