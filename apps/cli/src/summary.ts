import type { Addresses } from './dev-file.ts';

export interface Summary extends Omit<Addresses, 'metrics'> {
  readonly home: string;
  readonly demo: boolean;
}

/** What is printed once everything serves: where it is, and what to type next. */
export function summary({ ingestUrl, realtimeUrl, natsUrl, databaseUrl, apiKey, home, demo }: Summary): string {
  const rows: [string, string][] = [
    ['Console', consoleUrl(realtimeUrl, apiKey)],
    ['Ingest', ingestUrl],
    ['Realtime', realtimeUrl],
    ['NATS', natsUrl],
    ['Postgres', databaseUrl],
    ['Demo key', apiKey],
    ['Demo agent', demo ? 'on (RUNCAST_DEMO=off starts without it)' : 'off'],
    ['Data folder', `${home} (logs/ and dev.json are in it)`],
  ];
  const bearer = `-H 'Authorization: Bearer ${apiKey}'`;
  const json = `-H 'Content-Type: application/json'`;
  const event = `{"type":"run.started","run":"my-first-run","data":{"message":"hello"}}`;
  return [
    '',
    'Runcast is up.',
    '',
    ...table(rows),
    '',
    'Watch a run:',
    `  curl -N ${bearer} ${realtimeUrl}/v1/runs/my-first-run/stream`,
    'Send it an event, from a second terminal:',
    `  curl ${bearer} ${json} -d '${event}' ${ingestUrl}/v1/events`,
    'List runs:',
    `  curl ${bearer} ${realtimeUrl}/v1/runs`,
    '',
    'Ctrl-C stops everything and keeps the data; `npm start -- --fresh` begins with none.',
    '',
  ].join('\n');
}

/** The key stands behind the `#`, which a browser keeps to itself: no request and no log of ours holds it. */
export function consoleUrl(realtimeUrl: string, apiKey: string): string {
  return `${realtimeUrl}/#key=${encodeURIComponent(apiKey)}`;
}

function table(rows: readonly [string, string][]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length));
  const right = Math.max(...rows.map(([, value]) => value.length));
  const rule = (start: string, middle: string, end: string): string =>
    `${start}${'─'.repeat(left + 2)}${middle}${'─'.repeat(right + 2)}${end}`;
  return [
    rule('┌', '┬', '┐'),
    ...rows.map(([name, value]) => `│ ${name.padEnd(left)} │ ${value.padEnd(right)} │`),
    rule('└', '┴', '┘'),
  ];
}
