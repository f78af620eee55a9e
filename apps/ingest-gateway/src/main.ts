import { setSourceMapsSupport } from 'node:module';

// Stack traces of ours name lines of TypeScript. Before anything else is loaded, and not for libraries: the maps of a thousand
// modules are a tenth of the start and of the memory at rest.
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
await import('./service.ts');
