import pg from 'pg';
import { EventTexts } from '../load/event-texts.ts';
import { serve } from '../load/serve.ts';
import { copyField, copyRows } from './copy-rows.ts';

export type BarePostgresMethods = {
  open(options: { databaseUrl: string; events: number; batch: number }): Promise<void>;
  /** Puts the prepared rows into the table `event`, a transaction a batch. Resolves to the milliseconds it took. */
  unnest(): Promise<number>;
  copy(): Promise<number>;
};

type Row = readonly (string | null)[];

const COLUMNS = {
  tenant: 'text',
  run: 'text',
  id: 'text',
  session: 'text',
  agent: 'text',
  flow: 'text',
  type: 'text',
  level: 'text',
  dialect: 'text',
  occurred_at: 'timestamptz',
  received_at: 'timestamptz',
  shard: 'integer',
  sequence: 'bigint',
  data: 'jsonb',
  raw: 'text',
  // As for a tenant that keeps its runs for ever, like the one whose runs are projected.
  expires_on: 'date',
};
const NAMES = Object.keys(COLUMNS).join(', ');
const ARRAYS = Object.values(COLUMNS).map((type, index) => `$${index + 1}::${type}[]`);
const UNNEST = `INSERT INTO event (${NAMES}) SELECT * FROM unnest(${ARRAYS.join(', ')})`;
const COPY = `COPY event (${NAMES}) FROM STDIN`;

let client: pg.Client;
let batches: { readonly columns: (string | null)[][]; readonly text: Buffer }[];

async function open(options: { databaseUrl: string; events: number; batch: number }): Promise<void> {
  client = new pg.Client({ connectionString: options.databaseUrl });
  await client.connect();
  // As the projector does it: what is lost with the power can be made again from the log.
  await client.query('SET synchronous_commit TO off');
  await client.query('SET timezone TO UTC');
  batches = prepare(options.events, options.batch);
}

function prepare(events: number, batch: number): typeof batches {
  const texts = new EventTexts('bare');
  return Array.from({ length: Math.ceil(events / batch) }, (_, index) => {
    const size = Math.min(batch, events - index * batch);
    const rows = Array.from({ length: size }, (_, at) => rowOf(texts.next(), index * batch + at + 1));
    return {
      columns: Object.keys(COLUMNS).map((_, column) => rows.map((row) => row[column]!)),
      text: Buffer.from(rows.map((row) => `${row.map(copyField).join('\t')}\n`).join('')),
    };
  });
}

function rowOf(text: string, sequence: number): Row {
  const event = JSON.parse(text) as Record<string, string> & { data: object };
  const { id, run, session = null, agent, type, occurred_at: at } = event;
  const data = JSON.stringify(event.data);
  return [
    'bench',
    run!,
    id!,
    session,
    agent!,
    null,
    type!,
    'info',
    'runcast',
    at!,
    at!,
    '0',
    String(sequence),
    data,
    text,
    'infinity',
  ];
}

function unnest(): Promise<number> {
  return timed(async ({ columns }) => void (await client.query(UNNEST, columns)));
}

function copy(): Promise<number> {
  return timed(({ text }) => copyRows(client, COPY, text));
}

async function timed(insert: (batch: (typeof batches)[number]) => Promise<void>): Promise<number> {
  await client.query('TRUNCATE event');
  const begun = performance.now();
  for (const batch of batches) await insert(batch);
  return performance.now() - begun;
}

serve({ open, unnest, copy } satisfies BarePostgresMethods);
