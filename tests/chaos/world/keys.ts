import { ApiKeys, openDatabase } from '@runcast/read-models';

/** A key for each tenant that may send and watch. */
export async function createKeys(databaseUrl: string, tenants: readonly string[]): Promise<Map<string, string>> {
  const database = openDatabase({ databaseUrl, applicationName: 'chaos', maxConnections: 1 });
  const keys = new Map<string, string>();
  try {
    for (const tenant of tenants) {
      const request = { tenant, name: 'chaos', scopes: ['ingest', 'read'] as const, actor: 'chaos' };
      keys.set(tenant, (await new ApiKeys(database).create(request)).key);
    }
    return keys;
  } finally {
    await database.end();
  }
}
