export { freshDatabase, type FreshDatabase } from './fresh-database.ts';
export { freshNamespace } from './fresh-namespace.ts';
export { startTcpProxy, type ConnectionLife, type TcpProxy } from './tcp-proxy.ts';
export { testBackends, type TestBackends } from './test-backends.ts';
export { tokenIssuer, type TokenIssuer } from './token-issuer.ts';
export { waitFor } from './wait-for.ts';
export {
  loadWorkflowSample,
  type WorkflowFrame,
  type WorkflowMonitor,
  type WorkflowSample,
} from './vendor-samples/workflow-sample.ts';
