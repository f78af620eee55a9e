import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';

// What is served is React's production build, also when it is built on behalf of a test, which sets another.
process.env['NODE_ENV'] = process.argv.includes('build') ? 'production' : 'development';

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { conditions: ['@runcast/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    target: 'es2023',
    // An inlined asset is a data: address, which the page's content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  // `vite` beside a running `npm start`: edits show at once.
  server: { proxy: { '/v1': { target: process.env['RUNCAST_REALTIME_URL'] ?? 'http://127.0.0.1:8081', ws: true } } },
});

/** Each text file once more as .br and .gz: the gateway sends files as they lie there and compresses nothing itself. */
function compressed(): Plugin {
  return {
    name: 'runcast:compressed',
    apply: 'build',
    writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle).filter((file) => /\.(js|css|html|svg)$/.test(file))) {
        const bytes = readFileSync(join(dir, name));
        writeFileSync(
          join(dir, `${name}.br`),
          brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
        );
        writeFileSync(join(dir, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}
