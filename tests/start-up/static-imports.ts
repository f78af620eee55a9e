import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Imports and re-exports that are there when the module runs: not types, and not what is loaded on use. */
const STATIC = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?'([^']+)'/gm;
const OURS = /^@runcast\/([a-z-]+)(?:\/(.+))?$/;

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly '@runcast/source': string }>>;
}

/** The names of all packages that are loaded before a program of ours does anything, from its main file on. */
export function packagesAtStart(root: string, main: string): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const open = [join(root, main)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const [, name] of readFileSync(file, 'utf8').matchAll(STATIC)) {
      const source = sourceOf(root, file, name!);
      if (source === undefined) packages.add(packageOf(name!));
      else open.push(source);
    }
  }
  return packages;
}

/** The file of ours that an import means. */
function sourceOf(root: string, from: string, name: string): string | undefined {
  if (name.startsWith('.')) return join(dirname(from), name);
  const [, lib, path] = OURS.exec(name) ?? [];
  if (lib === undefined) return undefined;
  const folder = join(root, 'libs', lib);
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  return join(folder, exports[path === undefined ? '.' : `./${path}`]!['@runcast/source']);
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}
