import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** What a page's own bundler makes of these lines. */
async function bundle(lines: string): Promise<{ gzipped: number; files: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: lines, resolveDir: HERE, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    external: ['react'],
    conditions: ['@runcast/source'],
    write: false,
    metafile: true,
    absWorkingDir: HERE,
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return { gzipped: gzipSync(outputFiles[0]!.contents).length, files: used.map(([file]) => file) };
}

const EVERYTHING = "export * from './index.ts'; export * from './react/index.ts';";
const LIMIT_BYTES = 15_000;

describe('What a page loads of the client', () => {
  it('is below 15 KB gzipped, sending, watching and the hooks together', async () => {
    const { gzipped, files } = await bundle(EVERYTHING);
    expect(gzipped).toBeLessThan(LIMIT_BYTES);
    expect(files).toEqual(
      expect.arrayContaining(['runcast-client.ts', 'watching/feed-socket.ts', 'react/use-feed.ts']),
    );
  });

  it('would be found out above it', async () => {
    // Random digits: nothing that gzip could make smaller.
    const padding = Array.from({ length: 3_000 }, () => Math.random().toString(36).slice(2)).join('');
    const { gzipped } = await bundle(`${EVERYTHING} export const padding = '${padding}';`);
    expect(gzipped).toBeGreaterThan(LIMIT_BYTES);
  });

  it('holds nothing of sending, of the shared socket and of React where a run is watched only', async () => {
    const { files } = await bundle("import { watchRun } from './index.ts'; console.log(watchRun);");
    expect(files.sort()).toEqual([
      '<stdin>',
      'backoff.ts',
      'pause.ts',
      'watching/errors.ts',
      'watching/open-feed.ts',
      'watching/sse-parser.ts',
      'watching/watch.ts',
    ]);
  });

  it('holds nothing of watching where events are sent only', async () => {
    const { files } = await bundle("import { RuncastClient } from './index.ts'; console.log(RuncastClient);");
    expect(files.filter((file) => file.startsWith('watching/') || file.startsWith('spool/'))).toEqual([]);
  });
});
