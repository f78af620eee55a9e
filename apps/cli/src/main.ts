import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { commands } from './commands.ts';
import { UserError } from './errors.ts';

/** sysexits' EX_USAGE. */
const EXIT_USAGE = 64;

/** The repository: this file is apps/cli/dist/main.js in it. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

async function main(host: NodeJS.Process): Promise<number> {
  let exitCode = 0;
  const program = new Command('runcast')
    .description('The event backbone for AI-agent runs: start it, look into it, look after it.')
    .showHelpAfterError();
  for (const command of commands({ host, root: ROOT, onExit: (code) => (exitCode = code) })) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  program.exitOverride();
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(host.argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that was asked for is no mistake.
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  return exitCode;
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
