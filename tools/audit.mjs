// npm run audit: whether the registry knows of holes in what we ship. Ends with 1 for a hole that is high or critical.
import { spawnSync } from 'node:child_process';
import { auditVerdict } from './audit-verdict.mjs';
import { root } from './set-up.mjs';

const options = { cwd: root, encoding: 'utf8', timeout: 120_000 };
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], options);
const { text, code } = auditVerdict(stdout ?? '');
process.stdout.write(`${text}\n`);
process.exitCode = code;
