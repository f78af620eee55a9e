export { Messaging, NotTakenError, type AgentCommand, type MessagingOptions } from '@runcast/agent-commands';
export type { Handler, RunContext, ServeOptions, Serving } from './options.ts';
export { serveAgent } from './serve-agent.ts';
export { serveWorkflow, type WorkflowOptions } from './serve-workflow.ts';
export type { RunEventOf, Tell } from './tell.ts';
