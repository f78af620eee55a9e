// The docker client, as the other files here use it.
import { spawnSync } from 'node:child_process';
import { root } from '../set-up.mjs';

/** Runs docker to its end and gives what it printed. @throws with everything it printed when it fails. */
export function docker(args, env = {}) {
  return execute('docker', args, env);
}

/** Every file of an image, without the leading slash. */
export function filesOf(image) {
  const container = docker(['create', image]).trim();
  try {
    return execute('sh', ['-c', `docker export ${container} | tar -t`])
      .split('\n')
      .filter(Boolean);
  } finally {
    docker(['rm', container]);
  }
}

/** Why there is no engine to use, or `undefined`. */
export function engineProblem() {
  try {
    docker(['version']);
    docker(['buildx', 'version']);
    docker(['compose', 'version']);
    return undefined;
  } catch (error) {
    return error.message.trim().split('\n').at(-1);
  }
}

function execute(command, args, env = {}) {
  const options = { cwd: root, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 };
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')}\n${error?.message ?? stdout + stderr}`);
  return stdout;
}
