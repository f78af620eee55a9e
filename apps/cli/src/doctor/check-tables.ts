import type { LogIdentity } from '@runcast/event-log';
import { listProjectionStandings, migrationNames, openDatabase, type Database } from '@runcast/read-models';
import { ill, well, type Finding } from './finding.ts';

/** Further apart, the times of events and the ends of leases and tokens cannot be relied on. */
const MAX_CLOCK_DIFFERENCE_MS = 2_000;

export interface TableQuestions {
  readonly databaseUrl: string;
  readonly identities: ReadonlyMap<number, LogIdentity>;
  readonly now: () => number;
}

/** Looks at Postgres and the tables, in the order in which one thing depends on the other. Changes nothing. */
export async function checkTables(questions: TableQuestions): Promise<Finding[]> {
  const { databaseUrl, now } = questions;
  const database = openDatabase({ databaseUrl, applicationName: 'runcast doctor', maxConnections: 1 });
  const findings: Finding[] = [];
  try {
    findings.push(await checkClock(database, now));
    const schema = await checkSchema(database);
    findings.push(schema);
    if (schema.isWell) findings.push(await checkKeys(database), await checkEpochs(database, questions.identities));
  } catch (error) {
    findings.push(postgresFault(databaseUrl, error));
  } finally {
    await database.end();
  }
  return findings;
}

async function checkClock(database: Database, now: () => number): Promise<Finding> {
  // Connecting takes longer than asking, all of it before Postgres looks at its clock.
  await database.query('SELECT 1');
  const askedMs = now();
  const { rows } = await database.query<{ ms: number; version: string }>(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms, current_setting('server_version') AS version`,
  );
  // Postgres looked at its clock between question and answer.
  const answeredMs = now();
  const differenceMs = Math.round(rows[0]!.ms - (askedMs + answeredMs) / 2);
  const found = `Postgres ${rows[0]!.version} answers, its clock is ${Math.abs(differenceMs)} ms ${differenceMs < 0 ? 'behind' : 'ahead'}`;
  // The way there and the way back may have taken unequal parts of that time.
  const unsureMs = (answeredMs - askedMs) / 2;
  if (Math.abs(differenceMs) <= MAX_CLOCK_DIFFERENCE_MS + unsureMs) return well('Postgres', found);
  return ill('Postgres', found, 'set the clocks of this machine and of Postgres by NTP (chrony, systemd-timesyncd)');
}

async function checkSchema(database: Database): Promise<Finding> {
  const about = 'tables';
  const { rows: there } = await database.query<{ name: string | null }>(
    `SELECT to_regclass('migration')::text AS name`,
  );
  if (there[0]!.name === null) return ill(about, 'there are none', 'run: runcast migrate');
  const { rows } = await database.query<{ name: string }>('SELECT name FROM migration');
  const ran = new Set(rows.map(({ name }) => name));
  const known = migrationNames();
  const missing = known.filter((name) => !ran.has(name));
  const unknown = [...ran].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    return ill(
      about,
      `they are of a newer release (${unknown.join(', ')})`,
      'run the release that the tables come from, or a newer one',
    );
  }
  if (missing.length > 0) return ill(about, `${missing.length} migrations have not run`, 'run: runcast migrate');
  return well(about, `up to date (${known.length} migrations)`);
}

async function checkKeys(database: Database): Promise<Finding> {
  const { rows } = await database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM api_key WHERE revoked_at IS NULL',
  );
  const count = rows[0]!.count;
  if (count > 0) return well('keys', `${count} can be used`);
  return ill(
    'keys',
    'there is none that could be used',
    'run: runcast keys create --tenant <tenant> --scopes ingest,read',
  );
}

/** Tables that were made from another log would be read for this one's. */
async function checkEpochs(database: Database, identities: ReadonlyMap<number, LogIdentity>): Promise<Finding> {
  const standings = await listProjectionStandings(database);
  const foreign = standings.filter(({ shard, epoch }) => {
    const identity = identities.get(shard);
    return epoch !== undefined && identity !== undefined && identity.epoch !== epoch;
  });
  if (foreign.length === 0) return well('projection', 'the tables belong to this log');
  const found = `the tables of shards ${foreign.map(({ shard }) => shard).join(', ')} were made from another log`;
  return ill(
    'projection',
    found,
    'point NATS_URL and DATABASE_URL at the same installation; if the log was replaced: runcast rebuild',
  );
}

function postgresFault(databaseUrl: string, error: unknown): Finding {
  const { code, message } = error as { code?: string; message: string };
  const url = new URL(databaseUrl);
  const found = `${url.host}${url.pathname}: ${message || code}`;
  const remedies: Readonly<Record<string, string>> = {
    '3D000': `create the database: createdb ${url.pathname.slice(1)}, or mend the name in DATABASE_URL`,
    '28P01': 'mend the password in DATABASE_URL',
    '28000': 'mend the user in DATABASE_URL, or create it: CREATE ROLE … LOGIN',
    '42501': `give the user of DATABASE_URL rights: GRANT ALL ON ALL TABLES IN SCHEMA public TO ${url.username}`,
    '53300': 'raise max_connections of Postgres, or lower the number of replicas',
  };
  const remedy = code === undefined ? undefined : remedies[code];
  return ill('Postgres', found, remedy ?? 'start Postgres, or point DATABASE_URL at the one that runs');
}
