export { AgentCommands, type SendOutcome, type Sent } from './agent-commands.ts';
export { readCommand, readJson, type AgentCommand } from './agent-command.ts';
export { NotTakenError, QueueUnavailableError } from './errors.ts';
export type { NatsLogin } from './login.ts';
export {
  Messaging,
  type Answering,
  type AnswerLimits,
  type MessagingOptions,
  type Question,
  type Reply,
} from './messaging.ts';
export { MARK_MS, ReplayMarks } from './replay-marks.ts';
export type { RunAgent } from './runs-under-way.ts';
export { Subjects } from './subjects.ts';
export { takeCommands, type TakeOptions, type Taking } from './take-commands.ts';
export { takeWorkflows, type GiveUp, type TakeWorkflowOptions } from './take-workflows.ts';
export { silenceOf, WorkersAtWork, type TakenRun } from './workers-at-work.ts';
export { WorkflowQueue } from './workflow-queue.ts';
