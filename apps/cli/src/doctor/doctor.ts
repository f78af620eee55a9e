import { databaseUrlOf } from '../database-url.ts';
import { UserError } from '../errors.ts';
import { logOptionsOf } from '../log-options.ts';
import { checkLog } from './check-log.ts';
import { checkTables } from './check-tables.ts';
import { findingLines, ill, well, type Finding } from './finding.ts';

/** sysexits has no word for it; the same as `runcast verify` for "not as it should be". */
const EXIT_FAULTS = 3;
const MIN_NODE = [20, 19] as const;

export interface DoctorHost {
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  readonly stdout: { write(text: string): unknown };
}

/**
 * `runcast doctor`: looks at what the services would meet in this environment, changes nothing, and says what to do.
 *
 * @returns 0 when all is well, 3 when anything is not.
 */
export async function doctor(host: DoctorHost, now: () => number = Date.now): Promise<number> {
  const findings = await diagnose(host, now);
  const faults = findings.filter(({ isWell }) => !isWell).length;
  const verdict = faults === 0 ? 'All is well.' : `${faults} ${faults === 1 ? 'fault' : 'faults'}.`;
  host.stdout.write(`${[...findingLines(findings), verdict].join('\n')}\n`);
  return faults === 0 ? 0 : EXIT_FAULTS;
}

export async function diagnose({ env, version }: Omit<DoctorHost, 'stdout'>, now: () => number): Promise<Finding[]> {
  const log = settings('NATS_URL and the log', () => logOptionsOf(env, 'doctor'));
  const tables = settings('DATABASE_URL', () => databaseUrlOf(env));
  const { findings, identities } =
    'value' in log ? await checkLog(log.value) : { findings: [log.fault], identities: new Map<number, never>() };
  return [
    checkNode(version),
    ...findings,
    ...('value' in tables ? await checkTables({ databaseUrl: tables.value, identities, now }) : [tables.fault]),
  ];
}

function settings<T>(about: string, read: () => T): { readonly value: T } | { readonly fault: Finding } {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      fault: ill('settings', error.message.replaceAll('\n', '; '), `set ${about} as docs/configuration.md says`),
    };
  }
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  const isNew = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return isNew
    ? well('Node', version)
    : ill('Node', `${version} is too old`, `install Node ${MIN_NODE.join('.')} or newer`);
}
