import { KeyRing } from '@runcast/read-models';
import { issueKey } from './keys.ts';
import { DEMO_TENANT } from './dev-file.ts';
import type { Home } from './home.ts';

const SCOPES = ['ingest', 'read', 'invoke'];

/** The demo tenant's key: the one in the home while the tables know it, else a new one. */
export async function keepDemoKey(home: Home, databaseUrl: string): Promise<string> {
  const kept = home.read('demoKey');
  if (kept !== undefined && (await isKnown(kept, databaseUrl))) return kept;
  const key = await issueKey(databaseUrl, { tenant: DEMO_TENANT, name: 'demo key of npm start', scopes: SCOPES });
  home.write('demoKey', key);
  return key;
}

/** The tables may be other ones than last time (DATABASE_URL), or the key may have been revoked. */
async function isKnown(key: string, databaseUrl: string): Promise<boolean> {
  const keys = await KeyRing.start({ databaseUrl });
  try {
    return keys.lookup(key)?.tenant === DEMO_TENANT;
  } finally {
    await keys.stop();
  }
}
