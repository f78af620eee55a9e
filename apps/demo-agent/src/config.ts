import { isId } from '@runcast/run-events';

export interface DemoConfig {
  /** The ingest gateway. */
  readonly url: string;
  readonly realtimeUrl: string;
  readonly apiKey: string;
  /** The pause between two runs. With 0 the agent neither pauses nor pretends to think. */
  readonly intervalMs: number;
  /** Where commands come from; without it the agents run on their own account only. */
  readonly serve?: { readonly natsUrl: string; readonly tenant: string; readonly namespace?: string };
}

export type ReadConfig =
  { readonly ok: true; readonly config: DemoConfig } | { readonly ok: false; readonly problems: readonly string[] };

const LONGEST_INTERVAL_MS = 24 * 3_600_000;

/** Reads the environment, and says of everything in it that is wrong what would have been right. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReadConfig {
  const problems: string[] = [];
  const read = <T>(name: string, fallback: string, parse: (text: string) => T | undefined, expected: string): T => {
    const value = parse(env[name] || fallback);
    if (value === undefined) problems.push(`${name}: expected ${expected}`);
    return value as T;
  };
  const config: DemoConfig = {
    url: read('RUNCAST_URL', 'http://localhost:8080', asUrl, 'an http(s) URL'),
    realtimeUrl: read('RUNCAST_REALTIME_URL', 'http://localhost:8081', asUrl, 'an http(s) URL'),
    apiKey: read('RUNCAST_API_KEY', '', (text) => text || undefined, 'the API key to send events with'),
    intervalMs: read(
      'RUNCAST_DEMO_INTERVAL_MS',
      '10000',
      asInterval,
      `a whole number from 0 to ${LONGEST_INTERVAL_MS}`,
    ),
    ...servingOf(env['NATS_URL'] || undefined, read('RUNCAST_TENANT', 'demo', asId, 'an id'), env['RUNCAST_NAMESPACE']),
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: Object.freeze(config) };
}

function servingOf(natsUrl: string | undefined, tenant: string, namespace: string | undefined) {
  if (natsUrl === undefined) return {};
  return { serve: { natsUrl, tenant, ...(namespace && { namespace }) } };
}

function asId(text: string): string | undefined {
  return isId(text) ? text : undefined;
}

function asUrl(text: string): string | undefined {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text.replace(/\/+$/, '') : undefined;
}

function asInterval(text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) <= LONGEST_INTERVAL_MS ? Number(text) : undefined;
}
