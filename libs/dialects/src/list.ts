import type { DialectName } from '@runcast/run-events';
import { agUi } from './ag-ui/ag-ui.ts';
import { agentOs } from './agent-os/agent-os.ts';
import type { Dialect } from './dialect.ts';
import { lyzrAgent } from './lyzr-agent/lyzr-agent.ts';
import { lyzrWorkflow } from './lyzr-workflow/lyzr-workflow.ts';
import { runcast } from './runcast/runcast.ts';
import { vectara } from './vectara/vectara.ts';
import { zihin } from './zihin/zihin.ts';

/** Every wire format Runcast speaks. A new one is a folder and a line here. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  runcast,
  'agent-os': agentOs,
  'lyzr-agent': lyzrAgent,
  'lyzr-workflow': lyzrWorkflow,
  zihin,
  vectara,
  'ag-ui': agUi,
};
