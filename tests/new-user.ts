import { execFileSync, spawn } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** A clone of the repository in an empty home that only its owner can enter, and nothing but Node and npm. */
export interface NewUser {
  readonly clone: string;
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

/**
 * The clone holds what git knows or would take, uncommitted changes included. Nothing is installed and nothing is
 * built in it.
 */
export function newUser(): NewUser {
  const home = mkdtempSync(join(tmpdir(), 'runcast-new-user-'));
  const clone = join(home, 'runcast');
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    {
      cwd: REPOSITORY,
      encoding: 'utf8',
    },
  );
  const deleted = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: REPOSITORY, encoding: 'utf8' }).split(
    '\0',
  );
  for (const file of listed.split('\0').filter((name) => name !== '' && !deleted.includes(name))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(REPOSITORY, file), join(clone, file), { verbatimSymlinks: true });
  }
  const remove = (): void => {
    removeHome(join(clone, '.runcast'));
    rmSync(home, { recursive: true, force: true });
  };
  return { clone, env: environment(home), remove };
}

/** Deletes a Runcast's home. As root, the data of a Postgres below a closed folder lie outside it, behind a link. */
export function removeHome(home: string): void {
  const postgres = join(home, 'postgres');
  if (isLink(postgres)) rmSync(realpathSync(postgres), { recursive: true });
  rmSync(home, { recursive: true, force: true });
}

export function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/**
 * Of our own environment only what any shell has, plus npm's settings: where its registry is, and the packages it has
 * downloaded before, belong to the machine. No path leads to the dependencies of the repository we run in.
 */
function environment(home: string): NodeJS.ProcessEnv {
  const { PATH = '', LANG, npm_config_registry, npm_config_cache, npm_config_userconfig } = process.env;
  return {
    HOME: home,
    PATH: PATH.split(delimiter)
      .filter((folder) => !folder.includes('node_modules'))
      .join(delimiter),
    npm_config_userconfig: npm_config_userconfig ?? join(homedir(), '.npmrc'),
    npm_config_cache: npm_config_cache ?? join(homedir(), '.npm'),
    ...(LANG !== undefined && { LANG }),
    ...(npm_config_registry !== undefined && { npm_config_registry }),
  };
}

/** The content of dev.json. */
export interface DevFile {
  readonly ingestUrl: string;
  readonly realtimeUrl: string;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly apiKey: string;
  readonly tenant: string;
  readonly metrics: Readonly<Record<'ingest' | 'projector' | 'realtime', string>>;
  readonly pids: Readonly<
    Record<'ingest' | 'projector' | 'realtime' | 'nats' | 'postgres' | 'demoAgent', number | null>
  >;
}

/** One `npm start`, or what it ends in, as in a terminal of its own. */
export interface NpmStart {
  /** All that it has printed. */
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  readonly exitCode: () => number | null | undefined;
  /** Ctrl-C: the terminal sends the signal to every process that runs in its foreground. */
  readonly pressControlC: () => void;
  readonly devFile: () => DevFile;
}

export function npmStart(
  user: NewUser,
  runcastHome: string,
  env: NodeJS.ProcessEnv = {},
  args: string[] = [],
): NpmStart {
  const command = ['npm', 'start', ...(args.length > 0 ? ['--', ...args] : [])];
  return inTerminal(command, user.clone, { ...user.env, ...ANY_PORTS, ...env }, runcastHome);
}

/**
 * The same without its first steps, installing and building: a build may put its output in place anew, under the feet of
 * another Runcast that is just starting from the same checkout.
 */
export function startBuilt(clone: string, runcastHome: string, env: NodeJS.ProcessEnv = {}): NpmStart {
  const main = join(clone, 'apps', 'cli', 'dist', 'main.js');
  const command = [process.execPath, '--enable-source-maps', main, 'up'];
  return inTerminal(command, clone, { ...process.env, ...ANY_PORTS, ...env }, runcastHome);
}

function inTerminal(
  [program, ...args]: string[],
  folder: string,
  env: NodeJS.ProcessEnv,
  runcastHome: string,
): NpmStart {
  const child = spawn(program!, args, {
    cwd: folder,
    env: { ...env, RUNCAST_HOME: runcastHome },
    // A process group of its own is what a terminal gives it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let code: number | null | undefined;
  const exited = new Promise<number | null>((resolve) => child.once('close', (exit) => resolve((code = exit))));
  return {
    output: () => output,
    exited,
    exitCode: () => code,
    pressControlC() {
      // Gone already is fine: an after-hook presses once more in any case.
      if (code === undefined) process.kill(-child.pid!, 'SIGINT');
    },
    devFile: () => JSON.parse(readFileSync(join(runcastHome, 'dev.json'), 'utf8')) as DevFile,
  };
}

const ANY_PORTS = {
  RUNCAST_INGEST_PORT: '0',
  RUNCAST_REALTIME_PORT: '0',
  RUNCAST_NATS_PORT: '0',
  RUNCAST_POSTGRES_PORT: '0',
};
