import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { distributionArchives, sourceForSuite, type AptArchive } from './apt-sources.ts';

const SUITE = 'sid';
const UPDATE_MS = 120_000;

const run = promisify(execFile);

/** A program in a package of Debian. */
export interface DebianProgram {
  readonly package: string;
  /** Where the package puts it, from the root. */
  readonly path: string;
}

/**
 * Takes a program of Debian's newest suite out of its package and gives its path. Needs no root and leaves the
 * system as it is: apt works in directories inside `folder`, nothing is installed, and the package's scripts never run.
 * The archive and its keys are those that the machine itself trusts.
 */
export async function unpackDebian(folder: string, program: DebianProgram): Promise<string> {
  const codename = await debianCodename();
  const [archive] = distributionArchives(await aptSourceFiles(), codename);
  if (!archive) throw new Error(`the machine's apt sources name no archive for ${codename}`);
  const config = await isolatedApt(folder, archive);
  await apt(folder, ['-c', config, 'update']);
  await apt(folder, ['-c', config, 'download', program.package]);
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
  if (!file) throw new Error('apt downloaded no package');
  await run('dpkg-deb', ['-x', join(folder, file), join(folder, 'unpacked')]);
  return join(folder, 'unpacked', program.path);
}

async function debianCodename(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID=debian$/m.test(release)) throw new Error('this is not Debian');
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1];
  if (!codename) throw new Error('this Debian does not name its release');
  return codename;
}

async function aptSourceFiles(): Promise<{ name: string; text: string }[]> {
  const parts = await readdir('/etc/apt/sources.list.d').catch(() => []);
  const names = ['/etc/apt/sources.list', ...parts.sort().map((part) => `/etc/apt/sources.list.d/${part}`)];
  const texts = await Promise.all(names.map((name) => readFile(name, 'utf8').catch(() => '')));
  return names.map((name, index) => ({ name, text: texts[index]! }));
}

async function isolatedApt(folder: string, archive: AptArchive): Promise<string> {
  const { stdout: architecture } = await run('dpkg', ['--print-architecture']);
  for (const name of ['state/lists/partial', 'cache/archives/partial']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeFile(join(folder, 'suite.sources'), sourceForSuite(archive, SUITE, architecture.trim()));
  await writeFile(join(folder, 'state', 'status'), '');
  await writeFile(join(folder, 'apt.conf'), aptConfig(folder));
  return join(folder, 'apt.conf');
}

/** Read after the machine's own configuration, so that proxies stay and everything that touches the system goes. */
export function aptConfig(folder: string): string {
  return `
Dir::Etc::sourcelist "${folder}/suite.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "${folder}/state";
Dir::State::status "${folder}/state/status";
Dir::Cache "${folder}/cache";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "1";
Acquire::http::Timeout "5";
Acquire::https::Timeout "5";
// apt as root would hand the download to a user who cannot enter our folder.
APT::Sandbox::User "root";
// Container images hook a clean-up of the system's own cache in here.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`;
}

async function apt(folder: string, args: readonly string[]): Promise<void> {
  try {
    await run('apt-get', ['-qq', ...args], { cwd: folder, timeout: UPDATE_MS });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const reason = stderr.split('\n').find((line) => /^[EW]:/.test(line));
    throw new Error(reason ?? message.split('\n')[0], { cause: error });
  }
}
