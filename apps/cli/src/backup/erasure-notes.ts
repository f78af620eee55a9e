import { readFile } from 'node:fs/promises';
import { applyErasureNotes, listErasureNotes, openDatabase, type ErasureNote } from '@runcast/read-models';
import { UserError } from '../errors.ts';
import { withDatabase } from '../retention/retention.ts';

const FORMAT = 'runcast-erasures-1';

export interface ErasuresRequest {
  /** Where notes stand that these tables are to be told: see readErasureNotes. */
  readonly apply?: string | undefined;
}

/**
 * `runcast erasures`: what was erased, as lines, to be kept beside the backups. With `apply` the other way round: tables
 * that Postgres' own tools brought back are told, and the projector erases again.
 */
export async function erasures({ apply }: ErasuresRequest, host: NodeJS.Process): Promise<number> {
  if (apply !== undefined) return applied(apply, host);
  const notes = await withDatabase(host, listErasureNotes);
  const lines = [{ format: FORMAT }, ...notes, { end: notes.length }];
  for (const line of lines) host.stdout.write(`${JSON.stringify(line)}\n`);
  return 0;
}

async function applied(source: string, host: NodeJS.Process): Promise<number> {
  const notes = await readErasureNotes(source);
  const asked = await withDatabase(host, (database) => applyErasureNotes(database, notes));
  host.stdout.write(`${notes.length} notes; the projector erases ${asked.length} again\n`);
  return 0;
}

/**
 * What was erased since a backup, from where `--erasures` says: a file that `runcast erasures` wrote, the database of the
 * installation that is being replaced, or `none`.
 *
 * @throws {UserError} when it cannot be read, or is not whole
 */
export async function readErasureNotes(source: string): Promise<readonly ErasureNote[]> {
  if (source === 'none') return [];
  if (/^postgres(ql)?:\/\//.test(source)) return notesOfDatabase(source);
  let text: string;
  try {
    text = await readFile(source, 'utf8');
  } catch (error) {
    throw new UserError(`expected a file, a postgres:// address or "none": ${(error as Error).message}`);
  }
  return parseErasureNotes(text, source);
}

async function notesOfDatabase(databaseUrl: string): Promise<readonly ErasureNote[]> {
  const database = openDatabase({ databaseUrl, applicationName: 'runcast restore', maxConnections: 1 });
  try {
    return await listErasureNotes(database);
  } catch (error) {
    // Not the address: it holds a password.
    throw new UserError(`the database of the erasures cannot be read: ${(error as Error).message}`);
  } finally {
    await database.end();
  }
}

/** A file that was cut off would bring back what its missing lines name: the last line says how many there are. */
function parseErasureNotes(text: string, file: string): readonly ErasureNote[] {
  const lines = text.trimEnd().split('\n');
  const [head, ...rest] = lines.map((line, index) => parseLine(line, `${file}: line ${index + 1}`));
  if (head?.['format'] !== FORMAT) throw new UserError(`${file}: expected what runcast erasures wrote`);
  const end = rest.pop();
  if (end?.['end'] !== rest.length) throw new UserError(`${file}: expected all of its lines, found it cut off`);
  return rest.map((line, index) => noteOf(line, `${file}: line ${index + 2}`));
}

type Line = Readonly<Record<string, unknown>>;

function parseLine(line: string, where: string): Line {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Line;
  } catch {
    // Told below, as every other line that is none of ours.
  }
  throw new UserError(`${where}: expected a JSON object`);
}

const MEMBERS = {
  erased: ['tenant', 'digest', 'erasure', 'erasedAt'],
  'under-way': ['tenant', 'shard', 'kind', 'subject'],
} as const;

function noteOf(line: Line, where: string): ErasureNote {
  const { note } = line;
  const members = note === 'erased' || note === 'under-way' ? MEMBERS[note] : undefined;
  const missing = members?.filter((member) => typeof line[member] !== (member === 'shard' ? 'number' : 'string'));
  if (missing?.length === 0) return line as unknown as ErasureNote;
  throw new UserError(`${where}: expected ${missing?.join(', ') ?? 'a note of an erasure'}`);
}
