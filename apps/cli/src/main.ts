import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createKey } from './create-key.ts';
import { UserError } from './errors.ts';
import { migrateTables } from './migrate-tables.ts';
import { up } from './up.ts';

const USAGE = `Usage: runcast <command>

  up [--fresh]    starts NATS, Postgres, the three services and the demo agent on this machine, until Ctrl-C;
                  --fresh removes the data of the last time first
  migrate         brings the tables of DATABASE_URL up to date
  create-key --tenant <tenant> [--name <name>] [--scopes ingest,read]
                  makes an API key in DATABASE_URL and prints it, once
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
    },
  });
  switch (positionals.join(' ')) {
    case 'up':
      return up({ root: ROOT, env: host.env, fresh: values.fresh, host });
    case 'migrate':
      return migrateTables(host);
    case 'create-key':
      return createKey(values, host);
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
