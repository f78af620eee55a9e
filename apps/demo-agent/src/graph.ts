import { HumanMessage, SystemMessage, type BaseMessage } from '@langchain/core/messages';
import type { StructuredToolInterface } from '@langchain/core/tools';
import {
  Annotation,
  END,
  interrupt,
  MessagesAnnotation,
  START,
  StateGraph,
  type MemorySaver,
} from '@langchain/langgraph';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import type { RuleModel } from './model/rule-model.ts';
import { ROLES } from './model/rules.ts';

const ResearchState = Annotation.Root({
  ...MessagesAnnotation.spec,
  question: Annotation<string>,
  report: Annotation<string>,
  approval: Annotation<Approval>,
});

type State = typeof ResearchState.State;

/** What the person who is asked says about a report. */
export interface Approval {
  readonly approved: boolean;
  readonly note?: string;
}

/** What an invocation may bring along. */
export interface Configurable {
  /** Takes the answer, for who waits for it. */
  readonly say?: (answer: string) => void;
}

export type ResearchGraph = ReturnType<typeof buildResearchGraph>;

/** plan → research ⇄ tools → review (→ research) → report → approve, where a person is asked → publish */
export function buildResearchGraph(model: RuleModel, tools: StructuredToolInterface[], checkpointer: MemorySaver) {
  const withTools = model.bindTools(tools);
  return (
    new StateGraph(ResearchState)
      .addNode('plan', async ({ question }) => {
        const asked = new HumanMessage(question);
        return { messages: [asked, await model.invoke([new SystemMessage(ROLES.planner), asked])] };
      })
      .addNode('research', async ({ messages }) => {
        return { messages: [await withTools.invoke([new SystemMessage(ROLES.researcher), ...messages])] };
      })
      // What a tool throws ends the run: the demo shows failed runs, and they should fail for a reason.
      .addNode('tools', new ToolNode(tools, { handleToolErrors: false }))
      .addNode('review', async ({ messages }) => {
        return { messages: [await model.invoke([new SystemMessage(ROLES.reviewer), ...messages])] };
      })
      .addNode('write', async ({ messages }) => {
        return { report: (await model.invoke([new SystemMessage(ROLES.reporter), ...messages])).text };
      })
      .addNode('approve', ({ question, report }) => {
        const asked = { question: 'May this report be published?', context: { topic: question, report } };
        return { approval: interrupt<typeof asked, Approval>(asked) };
      })
      .addNode('publish', ({ report, approval }, config) => {
        const published = approval.approved ? report : 'Withheld.';
        (config.configurable as Configurable | undefined)?.say?.(published);
        return { report: published };
      })
      .addEdge(START, 'plan')
      .addEdge('plan', 'research')
      .addConditionalEdges('research', afterResearch, ['tools', 'review'])
      .addEdge('tools', 'research')
      .addConditionalEdges('review', afterReview, ['research', 'write'])
      .addEdge('write', 'approve')
      .addEdge('approve', 'publish')
      .addEdge('publish', END)
      .compile({ checkpointer, name: 'research-agent' })
  );
}

function afterResearch({ messages }: State): 'tools' | 'review' {
  const calls = (messages.at(-1) as BaseMessage & { tool_calls?: unknown[] }).tool_calls ?? [];
  return calls.length > 0 ? 'tools' : 'review';
}

function afterReview({ messages }: State): 'research' | 'write' {
  return messages.at(-1)?.text === 'enough' ? 'write' : 'research';
}
