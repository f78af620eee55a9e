import { setSourceMapsSupport } from 'node:module';

// Stack traces of ours name lines of TypeScript. Before anything else is loaded, and not for libraries: the maps of a thousand
// modules are a tenth of the start and of the memory at rest.
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
// Whoever imports node:http reads all that it exports, and these three load the whole of fetch: 3 MB at rest that nobody uses.
// The globals of the same names stay.
const http = process.getBuiltinModule('node:http');
for (const name of ['WebSocket', 'CloseEvent', 'MessageEvent']) Reflect.deleteProperty(http, name);
await import('./service.ts');
