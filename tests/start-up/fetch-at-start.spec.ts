import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TELL = 'data:text/javascript,process.on("exit",()=>console.log("loaded:"+process.moduleLoadList))';

/** Which modules of Node itself a program has loaded when it ends. */
function loadedBy(program: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'] };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', TELL, ...program], { env }, (_error, stdout) => resolve(stdout));
  });
}

// 3 MB of memory at rest, and a part of the start.
describe("Node's own fetch", () => {
  // Without an environment a service says what it lacks, when everything has been loaded, and ends.
  it.each(['ingest-gateway', 'projector', 'realtime-gateway'])('is not loaded by %s at its start', async (name) => {
    const loaded = await loadedBy([`${ROOT}/apps/${name}/dist/main.js`]);
    expect(loaded).toContain('NativeModule http');
    expect(loaded).not.toContain('undici');
  });

  it('is loaded by a program that imports node:http as it is (control)', async () => {
    expect(await loadedBy(['--input-type=module', '--eval', 'import "node:http"'])).toContain('undici');
  });
});
