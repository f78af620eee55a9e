export { RuncastCallbackHandler, type RuncastCallbackHandlerOptions } from './callback-handler.ts';
export type { InvocationMetadata } from './invocation.ts';
export type { ModelPrice, ModelPrices } from './model-usage.ts';
