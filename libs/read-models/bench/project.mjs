// How many log records a second one projector brings into the tables, without NATS in the way.
//
//   DATABASE_URL=postgres://… node libs/read-models/bench/project.mjs [events] [batch] [runs at a time]
//
// Builds its rows in a schema of its own, which it drops again.
import pg from 'pg';
import { claimProjection, migrate, openDatabase } from '../dist/index.js';

const [events = 200_000, batchSize = 1_000, openRuns = 200] = process.argv.slice(2).map(Number);
const RUN_LENGTH = 25;
const SCHEMA = 'runcast_bench';

const admin = new pg.Client({ connectionString: process.env.DATABASE_URL });
await admin.connect();
await admin.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
await admin.query(`CREATE SCHEMA ${SCHEMA}`);
const databaseUrl = new URL(process.env.DATABASE_URL);
databaseUrl.searchParams.set('options', `-c search_path=${SCHEMA}`);
await migrate(databaseUrl.href);

const database = openDatabase({ databaseUrl: process.env.DATABASE_URL, applicationName: 'bench', schema: SCHEMA });
const { projection } = await claimProjection(database, { shard: 0, holder: 'bench', leaseMs: 600_000 });

const batches = [];
for (let sequence = 1; sequence <= events; sequence += batchSize) {
  batches.push(Array.from({ length: Math.min(batchSize, events + 1 - sequence) }, (_, at) => entry(sequence + at)));
}
const start = performance.now();
const before = process.cpuUsage();
for (const batch of batches) await projection.commit(batch);
const seconds = (performance.now() - start) / 1_000;
const cpu = process.cpuUsage(before);
console.log(
  `${events} records, ${batchSize} a batch, ${openRuns} runs at a time: ${Math.round(events / seconds)} records/s ` +
    `(own CPU ${Math.round((cpu.user + cpu.system) / 10_000 / seconds)} %)`,
);
await database.end();
await admin.query(`DROP SCHEMA ${SCHEMA} CASCADE`);
await admin.end();

/** Runs of {@link RUN_LENGTH} events, `openRuns` of them interleaved; one in four belongs to a session. */
function entry(sequence) {
  const lap = Math.floor((sequence - 1) / openRuns);
  const run = `run-${((sequence - 1) % openRuns) + openRuns * Math.floor(lap / RUN_LENGTH)}`;
  const step = lap % RUN_LENGTH;
  const position = { shard: 0, epoch: 'bench', sequence };
  const inSession = Number(run.slice(4)) % 4 === 0;
  if (step === 0 && inSession)
    return { kind: 'link', link: { tenant: 'bench', session: `session-${run}`, run, position } };
  const [type, data] = wordsOf(step);
  const at = new Date(Date.UTC(2026, 10, 21) + sequence).toISOString().replace('Z', '000Z');
  return {
    kind: 'event',
    event: {
      id: `0192f0c4-7e1a-7000-8000-${String(sequence).padStart(12, '0')}`,
      tenant: 'bench',
      run,
      ...(inSession && { session: `session-${run}` }),
      agent: 'bench-agent',
      type,
      level: 'info',
      occurredAt: at,
      receivedAt: at,
      dialect: 'runcast',
      data,
      raw: JSON.stringify({ type, run, data, padding: 'x'.repeat(200) }),
      position,
    },
  };
}

function wordsOf(step) {
  if (step <= 1) return ['run.started', { input: { question: 'why?'.repeat(20) } }];
  if (step === RUN_LENGTH - 1) return ['run.completed', { output: { answer: 'because'.repeat(20) } }];
  if (step % 3 === 0) return ['llm-call.completed', { model: 'm', usage: { inputTokens: 100, outputTokens: 20 } }];
  return [step % 3 === 1 ? 'tool-call.started' : 'tool-call.completed', { tool: 'search', callId: `call-${step}` }];
}
