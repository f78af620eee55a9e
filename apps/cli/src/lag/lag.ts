import { EventLog } from '@runcast/event-log';
import { openDatabase } from '@runcast/read-models';
import { databaseUrlOf } from '../database-url.ts';
import { logOptionsOf } from '../log-options.ts';
import { lagTable } from './lag-table.ts';
import { measureLag } from './measure-lag.ts';

/** `runcast lag`: asks the log and the tables themselves, so it is true also when a projector is frozen. */
export async function lag(host: NodeJS.Process): Promise<number> {
  const databaseUrl = databaseUrlOf(host.env);
  const options = logOptionsOf(host.env, 'lag');
  const log = await EventLog.connect(options);
  const database = openDatabase({ databaseUrl, applicationName: 'runcast cli', maxConnections: 1 });
  try {
    const lags = await measureLag(log, options.shards, database, Date.now);
    host.stdout.write(`${lagTable(lags).join('\n')}\n`);
    return 0;
  } finally {
    await database.end();
    await log.close();
  }
}
