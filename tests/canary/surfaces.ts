import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { CANARY } from './canaries.ts';

/** The numbers of all canaries in a text or in bytes. */
export function canariesIn(content: string | Buffer): string[] {
  return [...new Set((typeof content === 'string' ? content : content.toString('latin1')).match(CANARY) ?? [])];
}

/** In every file below a folder: the log's own, or the services' log lines. */
export function canariesInFiles(folder: string): { readonly files: number; readonly found: string[] } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  return { files: files.length, found: [...new Set(files.flatMap((file) => canariesIn(readFileSync(file))))] };
}

/** In every column of every table. */
export async function canariesInTables(
  databaseUrl: string,
): Promise<{ readonly rows: number; readonly found: string[] }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`);
      texts.push(...rows.map(({ row }) => row));
    }
    return { rows: texts.length, found: canariesIn(texts.join('\n')) };
  } finally {
    await client.end();
  }
}
