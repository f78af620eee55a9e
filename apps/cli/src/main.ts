import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createKey } from './create-key.ts';
import { UserError } from './errors.ts';
import { migrateTables } from './migrate-tables.ts';
import { lag } from './lag/lag.ts';
import { limitAgent } from './limit-agent.ts';
import { rebuild } from './rebuild/rebuild.ts';
import { up } from './up.ts';

const USAGE = `Usage: runcast <command>

  up [--fresh]    starts NATS, Postgres, the three services and the demo agent on this machine, until Ctrl-C;
                  --fresh removes the data of the last time first
  migrate         brings the tables of DATABASE_URL up to date
  create-key --tenant <tenant> [--name <name>] [--scopes ingest,read]
                  makes an API key in DATABASE_URL and prints it, once
  rebuild [--shard <n>] [--compare] [--accept-loss]
                  builds the tables of DATABASE_URL anew from the log of NATS_URL while Runcast runs, and swaps them in;
                  --compare (or --dry-run) only tells what would change and ends with 3 when anything would
  lag             how far the tables are behind the log, shard by shard
  limit-agent --tenant <tenant> --agent <agent> [--running <duration>] [--waiting <duration>]
                  how long a run of this agent may be silent before it is given up, e.g. 90s, 30m, 48h;
                  what is left out goes back to the default
`;

/** sysexits' EX_USAGE. */
const EXIT_USAGE = 64;

/** The repository: this file is apps/cli/dist/main.js in it. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

async function main(host: NodeJS.Process): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      fresh: { type: 'boolean', default: false },
      tenant: { type: 'string' },
      name: { type: 'string', default: 'made by runcast create-key' },
      scopes: { type: 'string', default: 'ingest,read' },
      shard: { type: 'string' },
      compare: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      'accept-loss': { type: 'boolean', default: false },
      agent: { type: 'string' },
      running: { type: 'string' },
      waiting: { type: 'string' },
    },
  });
  switch (positionals.join(' ')) {
    case 'up':
      return up({ root: ROOT, env: host.env, fresh: values.fresh, host });
    case 'migrate':
      return migrateTables(host);
    case 'create-key':
      return createKey(values, host);
    case 'rebuild': {
      const compareOnly = values.compare || values['dry-run'];
      return rebuild({ shard: values.shard, compareOnly, acceptLoss: values['accept-loss'] }, host);
    }
    case 'lag':
      return lag(host);
    case 'limit-agent':
      return limitAgent(values, host);
    default:
      host.stderr.write(USAGE);
      return EXIT_USAGE;
  }
}

// A closed terminal must not keep us from stopping what we started.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

main(process).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`${error instanceof UserError ? error.message : String((error as Error).stack)}\n`);
    process.exit(1);
  },
);
