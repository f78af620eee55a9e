// The toolbox of k8s/base/toolbox.yaml, as Kubernetes would start it: people go into it with `kubectl exec … runcast`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../set-up.mjs';
import { docker } from './docker.mjs';

/** The parser with which the specs read the manifests. */
const { parse } = createRequire(join(root, 'tests', 'package.json'))('yaml');

/** What a SIGTERM ends a program with that does nothing about it. */
const TERMINATED = '143';

/** What is wrong with it; empty when nothing is. */
export function toolboxProblems(image) {
  const manifest = parse(readFileSync(join(root, 'k8s', 'base', 'toolbox.yaml'), 'utf8'));
  const [program, ...args] = manifest.spec.template.spec.containers[0].command;
  const box = docker(['run', '-d', '--read-only', '--entrypoint', program, image, ...args]).trim();
  try {
    const said = docker(['exec', box, 'runcast', '--help']);
    docker(['stop', '--time', String(manifest.spec.template.spec.terminationGracePeriodSeconds), box]);
    const exitCode = docker(['inspect', '-f', '{{.State.ExitCode}}', box]).trim();
    return [
      ...(said.startsWith('Usage: runcast') ? [] : [`the toolbox has no runcast: ${said}`]),
      ...(exitCode === TERMINATED ? [] : [`the toolbox ended with ${exitCode}, expected ${TERMINATED}`]),
    ];
  } finally {
    docker(['rm', '--force', box]);
  }
}
