import { isKeyOf, issueKey } from './keys.ts';
import { DEMO_TENANT } from './dev-file.ts';
import type { Home } from './home.ts';

const SCOPES = ['ingest', 'read', 'invoke'];

/** The demo tenant's key: the one in the home while the tables know it, else a new one. */
export async function keepDemoKey(home: Home, databaseUrl: string): Promise<string> {
  const kept = home.read('demoKey');
  if (kept !== undefined && (await isKeyOf(DEMO_TENANT, kept, databaseUrl))) return kept;
  const key = await issueKey(databaseUrl, { tenant: DEMO_TENANT, name: 'demo key of npm start', scopes: SCOPES });
  home.write('demoKey', key);
  return key;
}
