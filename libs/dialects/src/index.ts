export { PREVIEW_CHARACTERS } from './agent-os/encode.ts';
export {
  recordedForm,
  type Decoded,
  type DecodeContext,
  type Dialect,
  type Frame,
  type Hints,
  type WireText,
} from './dialect.ts';
export { dialects } from './list.ts';
export { NO_FLOW, workflowNames, workflowRunId, type WorkflowNames } from './lyzr-workflow/run-names.ts';
export type { Fidelity, Mapping } from './mapping.ts';
export { STREAM_ONLY_TYPES } from './vectara/wire.ts';
export { snapshot } from './zihin/encode.ts';
export { encodeStream } from './zihin/encode-stream.ts';
export { zihinStream } from './zihin/zihin.ts';
export { BEFORE_THE_FIRST_FRAME, conform, type Conversation, type RunIds } from './ag-ui/conform.ts';
export { incoming as agentOsEventSchema } from './agent-os/wire.ts';
export { incoming as runcastEventSchema, outgoing as shownEventSchema } from './runcast/wire.ts';
