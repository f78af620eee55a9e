import { ApiKeys, openDatabase } from '@runcast/read-models';
import { ID_EXPECTED, isId } from '@runcast/run-events';
import { databaseUrlOf } from './database-url.ts';
import { UserError } from './errors.ts';

export const SCOPES = ['ingest', 'read', 'invoke', 'admin'];

/** `runcast create-key`: prints the key and nothing else, so that it can go into a variable. */
export async function createKey(
  request: { readonly tenant?: string | undefined; readonly name: string; readonly scopes: string },
  host: NodeJS.Process,
): Promise<number> {
  const key = await issueKey(databaseUrlOf(host.env), checked(request));
  host.stdout.write(`${key}\n`);
  return 0;
}

export async function issueKey(
  databaseUrl: string,
  request: { readonly tenant: string; readonly name: string; readonly scopes: readonly string[] },
): Promise<string> {
  const database = openDatabase({ databaseUrl, applicationName: 'runcast cli', maxConnections: 1 });
  try {
    return (await new ApiKeys(database).create(request)).key;
  } finally {
    await database.end();
  }
}

function checked({ tenant, name, scopes }: { tenant?: string | undefined; name: string; scopes: string }) {
  if (!isId(tenant)) throw new UserError(`--tenant: expected ${ID_EXPECTED}`);
  const names = scopes.split(',').map((scope) => scope.trim());
  const unknown = names.filter((scope) => !SCOPES.includes(scope));
  if (unknown.length > 0) throw new UserError(`--scopes: expected some of ${SCOPES.join(', ')}`);
  return { tenant, name, scopes: names };
}
