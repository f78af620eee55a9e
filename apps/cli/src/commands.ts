import { Argument, Command, InvalidArgumentError } from 'commander';
import type { ErasuresRequest } from './backup/erasure-notes.ts';
import type { RestoreRequest } from './backup/restore.ts';
import { completionScript, SHELLS, type Shell } from './completion/completion.ts';
import type { KeyRequest } from './keys.ts';
import type { AgentLimitRequest } from './limit-agent.ts';
import type { ReplayOptions } from './replay/replay.ts';
import type { RunsOptions } from './runs/runs.ts';
import type { SendOptions } from './send/send.ts';
import type { TailOptions } from './tail/tail.ts';
import type { EraseRequest } from './retention/erase.ts';
import type { HoldRequest } from './retention/hold.ts';
import type { RetentionRequest } from './retention/retention.ts';

/** What a command has besides its options. */
export interface Surroundings {
  readonly host: NodeJS.Process;
  /** The repository, with everything built. */
  readonly root: string;
  /** Called with the exit code when the command has done its work. */
  readonly onExit: (code: number) => void;
}

/**
 * Every command of the tool, in the order in which `--help` lists them. A new one is one entry here, and loads its module when
 * it is called: nobody who asks for help waits for NATS, Postgres and all the rest.
 */
export function commands({ host, root, onExit }: Surroundings): Command[] {
  const all: Command[] = [
    new Command('up')
      .description('start NATS, Postgres, the services and the demo agent on this machine, until Ctrl-C')
      .option('--fresh', 'remove the data of the last time first', false)
      .action(async ({ fresh }: { fresh: boolean }) => {
        const { up } = await import('./up.ts');
        onExit(await up({ root, env: host.env, fresh, host }));
      }),

    new Command('runs')
      .description('list the newest runs')
      .option('--status <status>', 'running, waiting_for_input, success or error')
      .option('--agent <agent>', 'only runs of this agent')
      .option('--session <session>', 'only runs of this session')
      .option('--since <duration>', 'only runs that began in the last 90s, 30m, 48h or 7d')
      .option('--limit <n>', 'how many at most', wholeNumber(1, 100_000), 50)
      .option('--json', 'one JSON object a line', false)
      .action(async (options: RunsOptions) => {
        const { runs } = await import('./runs/runs.ts');
        onExit(await runs(options, root, host));
      }),

    new Command('tail')
      .description('show a run or a session live, from its first event until the run ends')
      .argument('<run|session>', 'its id; a run that has not begun is waited for')
      .option('--session', 'the session of this id, although there is a run of the same', false)
      .option('--since <duration|position>', 'only what came in the last 90s, 30m or 48h, or behind a position')
      .option('--type <types>', 'only these event types, separated by commas')
      .option('--dialect <dialect>', "the frames of a vendor's format, as they would be sent")
      .option('--follow', 'go on behind the end of a run', false)
      .option('--json', 'one JSON object a line', false)
      .action(async (id: string, options: TailOptions) => {
        const { tail } = await import('./tail/tail.ts');
        onExit(await tail(id, options, root, host));
      }),

    new Command('send')
      .description('send events: one JSON object a line, or one JSON array')
      .argument('[file]', 'stdin when left out, or -')
      .option('--dialect <dialect>', 'the format of the events', 'runcast')
      .option('--run <run>', 'for events whose format has no place for it')
      .option('--session <session>', 'the same')
      .option('--agent <agent>', 'the same')
      .option('--flow <flow>', 'the same')
      .action(async (file: string | undefined, options: SendOptions) => {
        const { send } = await import('./send/send.ts');
        onExit(await send(file, options, root, host));
      }),

    new Command('replay')
      .description('send the events of a recorded run again as a new run, with the pauses that were between them')
      .argument('<run>', 'the recorded run')
      .option('--as <run>', 'the id of the new run')
      .option('--session <session>', 'the session of the new run; that of the recorded one when left out')
      .option('--speed <factor>', 'how many times as fast', wholeNumber(1, 1_000_000), 1)
      .action(async (run: string, options: ReplayOptions) => {
        const { replay } = await import('./replay/replay.ts');
        onExit(await replay(run, options, root, host));
      }),

    new Command('doctor')
      .description(
        'look for what is amiss with NATS, Postgres, keys, clocks and settings; exit code 3 when anything is',
      )
      .action(async () => {
        const { doctor } = await import('./doctor/doctor.ts');
        onExit(await doctor(host));
      }),

    new Command('migrate')
      .description('bring the tables of DATABASE_URL up to date, and make the streams of NATS_URL where it is set')
      .action(async () => {
        const { migrateTables } = await import('./migrate-tables.ts');
        onExit(await migrateTables(host));
      }),

    new Command('keys')
      .description('make, list and revoke API keys in DATABASE_URL')
      .addCommand(createKeyCommand('create', { host, onExit }))
      .addCommand(
        new Command('list')
          .description('list the keys of a tenant, each with the time of its last use')
          .requiredOption('--tenant <tenant>', 'whose keys')
          .action(async (options: { tenant: string }) => {
            const { listKeys } = await import('./keys.ts');
            onExit(await listKeys(options, host));
          }),
      )
      .addCommand(
        new Command('revoke')
          .description('end a key for good, and within 5 seconds what it has open')
          .argument('<id>', 'as runcast keys list shows it')
          .requiredOption('--tenant <tenant>', 'whose key it is')
          .action(async (id: string, { tenant }: { tenant: string }) => {
            const { revokeKey } = await import('./keys.ts');
            onExit(await revokeKey({ tenant, id }, host));
          }),
      ),

    // The name that it had first.
    createKeyCommand('create-key', { host, onExit }),

    new Command('rebuild')
      .description(
        'build the tables of DATABASE_URL anew from the log of NATS_URL while Runcast runs, and swap them in',
      )
      .option('--shard <n>', 'only this shard')
      .option('--compare', 'only tell what would change; exit code 3 when anything would', false)
      .option('--dry-run', 'the same as --compare', false)
      .option('--accept-loss', 'go on though the log no longer holds everything that the tables do', false)
      .action(async ({ shard, compare, dryRun, acceptLoss }: RebuildOptions) => {
        const { rebuild } = await import('./rebuild/rebuild.ts');
        onExit(await rebuild({ shard, compareOnly: compare || dryRun, acceptLoss }, host));
      }),

    new Command('backup')
      .description('copy the log of NATS_URL and the tables of DATABASE_URL into a folder while Runcast runs')
      .argument('<folder>', 'an empty folder, or one that is not there yet')
      .action(async (folder: string) => {
        const { backup } = await import('./backup/backup.ts');
        onExit(await backup(folder, host));
      }),

    new Command('restore')
      .description('make log and tables from a backup, in a NATS without a log and an empty database')
      .argument('<folder>', 'what runcast backup has written')
      .requiredOption(
        '--erasures <source>',
        'what was erased since: a file of "runcast erasures", the old postgres:// address, or none',
      )
      .option('--replicas <n>', 'copies of the log in the NATS cluster, 1 to 5', wholeNumber(1, 5), 1)
      .action(async (folder: string, request: RestoreRequest) => {
        const { restore } = await import('./backup/restore.ts');
        onExit(await restore(folder, request, host));
      }),

    new Command('erasures')
      .description('print what was erased, to be kept beside the backups: restore --erasures reads it')
      .option('--apply <source>', "tell it to tables that Postgres' own tools brought back; the projector erases again")
      .action(async (options: ErasuresRequest) => {
        const { erasures } = await import('./backup/erasure-notes.ts');
        onExit(await erasures(options, host));
      }),

    new Command('retention')
      .description('tell and set for how many days runs are kept')
      .addCommand(
        new Command('show').description('list the rules').action(async () => {
          const { showRetention } = await import('./retention/retention.ts');
          onExit(await showRetention(host));
        }),
      )
      .addCommand(
        new Command('set')
          .description('set a rule for runs that are first heard of from now on')
          .option('--tenant <tenant>', 'whose runs; left out: those of every tenant without a rule of its own')
          .requiredOption('--days <days>', 'a number of days, "forever", or "default": the rule for everybody')
          .action(async (options: RetentionRequest) => {
            const { changeRetention } = await import('./retention/retention.ts');
            onExit(await changeRetention(options, host));
          }),
      ),

    new Command('erase')
      .description('have a run, a session or all runs of a user erased from log and tables, and print the receipt')
      .requiredOption('--tenant <tenant>', 'whose it is')
      .option('--run <run>', 'this run')
      .option('--session <session>', 'every run that joined this session')
      .option('--user <user>', 'every run whose run.started names this user as userId')
      .option('--compact', "rewrite the tables afterwards, so that Postgres' files hold nothing of it either", false)
      .action(async (options: EraseRequest) => {
        const { erase } = await import('./retention/erase.ts');
        onExit(await erase(options, host));
      }),

    new Command('hold')
      .description('keep runs from being erased and from being dropped for their age')
      .addCommand(
        holdCommand('set', 'hold a run, or every run of a session; a second time replaces the reason')
          .requiredOption('--reason <reason>', 'why, for the audit log')
          .action(async (options: HoldRequest & { reason: string }) => {
            const { setHold } = await import('./retention/hold.ts');
            onExit(await setHold(options, host));
          }),
      )
      .addCommand(
        new Command('list')
          .description('list the holds of a tenant')
          .requiredOption('--tenant <tenant>', 'whose holds')
          .action(async (options: { tenant: string }) => {
            const { showHolds } = await import('./retention/hold.ts');
            onExit(await showHolds(options, host));
          }),
      )
      .addCommand(
        holdCommand('release', 'let go of a run or a session').action(async (options: HoldRequest) => {
          const { releaseHold } = await import('./retention/hold.ts');
          onExit(await releaseHold(options, host));
        }),
      ),

    new Command('verify')
      .description('check an export of a run or session; exit code 3 when anything was changed')
      .argument('<file>', 'what /v1/runs/:run/export or /v1/sessions/:session/export gave')
      .action(async (file: string) => {
        const { verify } = await import('./retention/verify.ts');
        onExit(await verify(file, host));
      }),

    new Command('lag').description('tell how far the tables are behind the log, shard by shard').action(async () => {
      const { lag } = await import('./lag/lag.ts');
      onExit(await lag(host));
    }),

    new Command('limit-agent')
      .description('set how long a run of an agent may be silent before it is given up, e.g. 90s, 30m, 48h')
      .requiredOption('--tenant <tenant>', 'whose agent it is')
      .requiredOption('--agent <agent>', 'the agent')
      .option('--running <duration>', 'for running runs; left out: the default again')
      .option('--waiting <duration>', 'for runs that wait for a human; left out: the default again')
      .action(async (options: AgentLimitRequest) => {
        const { limitAgent } = await import('./limit-agent.ts');
        onExit(await limitAgent(options, host));
      }),

    new Command('completion')
      .description('print a script that completes commands and options: source <(runcast completion bash)')
      .addArgument(new Argument('<shell>').choices(SHELLS))
      .action((shell: Shell) => void host.stdout.write(completionScript(shell, 'runcast', all))),
  ];
  return all;
}

function createKeyCommand(name: string, { host, onExit }: Omit<Surroundings, 'root'>): Command {
  return new Command(name)
    .description('make an API key and print it, once')
    .requiredOption('--tenant <tenant>', 'whose key it is')
    .option('--name <name>', 'what it is for', `made by runcast ${name}`)
    .option('--scopes <scopes>', 'what it may do, separated by commas: ingest, read, invoke, admin', 'ingest,read')
    .option('--agents <agents>', 'limit it to these agents, separated by commas')
    .option('--sessions <sessions>', 'limit it to these sessions, separated by commas')
    .option('--keep-in <file>', 'keep it in this file, and make none while that holds one of the tenant that is good')
    .action(async (options: KeyRequest) => {
      const { createKey } = await import('./keys.ts');
      onExit(await createKey(options, host));
    });
}

function holdCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--tenant <tenant>', 'whose it is')
    .option('--run <run>', 'this run')
    .option('--session <session>', 'every run that joined this session, and those that will');
}

interface RebuildOptions {
  readonly shard?: string;
  readonly compare: boolean;
  readonly dryRun: boolean;
  readonly acceptLoss: boolean;
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}
