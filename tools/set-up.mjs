// What a fresh clone needs before anything of it can run. Plain Node >= 20.19, no dependencies: nothing is installed yet.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const binaries = join(root, 'node_modules', '.bin');
const MINIMUM_NODE = [20, 19];
const TICK_MS = 10_000;
const MAX_STEP_MS = 10 * 60_000;

/** Ends the process with a sentence instead of a syntax error deep inside a dependency. */
export function requireNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  process.stderr.write(`Runcast needs Node ${MINIMUM_NODE.join('.')} or newer; this is ${version}.\n`);
  process.exit(1);
}

/**
 * Node 24, which the code is written for: npm brings it where it has it for the platform, so that an older Node on the
 * machine is enough to begin with.
 */
export function node24() {
  const bundled = join(binaries, 'node');
  return existsSync(bundled) ? bundled : process.execPath;
}

/** The program of a dependency, to be run by {@link node24}. */
export function binary(name) {
  return join(binaries, name);
}

export function environment(extra = {}) {
  return { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`, NX_TUI: 'false', ...extra };
}

/** Whether node_modules holds what the lock says. npm writes its own record last, so an interrupted install shows. */
export function isInstalled(folder = root) {
  const wanted = readPackages(join(folder, 'package-lock.json'));
  const present = readPackages(join(folder, 'node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, { version, optional, link, extraneous }]) => {
    // A workspace that is new in the lock is found by its link alone.
    if (link) return existsSync(join(folder, path));
    if (!path.startsWith('node_modules/') || extraneous) return true;
    return present[path] ? present[path].version === version : Boolean(optional);
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

export async function install(report) {
  if (isInstalled()) return report('dependencies: installed');
  report('dependencies: npm ci …');
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  await mustRun('npm ci', command, [...args, 'ci', '--no-audit', '--no-fund', '--prefer-offline'], report);
  report('dependencies: installed');
}

export async function build(report) {
  report('build …');
  const nx = binary('nx');
  await mustRun('the build', node24(), [nx, 'run-many', '-t', 'build', '--outputStyle=static'], report);
  report('build: done');
}

/** Runs a step quietly; its output is shown when it fails. Says now and then that it is still at it. */
async function mustRun(what, command, args, report) {
  const ticking = setInterval(() => report(`${what} is still running …`), TICK_MS);
  const { code, output } = await run(command, args);
  clearInterval(ticking);
  if (code === 0) return;
  process.stderr.write(output);
  throw new Error(`${what} failed (exit code ${code})`);
}

/**
 * Runs a program to its end, or to the end of its time: a hanging step must not hang all of it.
 *
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { env = environment(), withinMs = MAX_STEP_MS } = {}) {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => chunks.push(chunk));
  }
  const deadline = setTimeout(() => {
    chunks.push(Buffer.from(`\nkilled: not done within ${withinMs / 1000} s\n`));
    child.kill('SIGKILL');
    // Its own children may hold the pipes open for ever.
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  }, withinMs);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, output: `${error.message}\n` }));
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  }).finally(() => clearTimeout(deadline));
}

/** Prints lines with the time since the beginning. */
export function progress() {
  const start = performance.now();
  return (line) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    process.stdout.write(`[${seconds} s] ${line}\n`);
  };
}
