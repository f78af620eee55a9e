import { tool, type StructuredToolInterface } from '@langchain/core/tools';
import { z } from 'zod';
import { calculate } from './calculate.ts';
import { listDocuments, readDocument, wordStatistics } from './documents.ts';
import { describeRecentRuns, type RunListSource } from './recent-runs.ts';

export interface ToolSurroundings extends RunListSource {
  /** The folder whose Markdown documents the agent may read. */
  readonly documents: string;
}

/** What the demo agent can do. Errors are thrown, not told: a tool that fails fails the run. */
export function agentTools(around: ToolSurroundings): StructuredToolInterface[] {
  const named = z.object({ name: z.string() });
  return [
    tool(async () => JSON.stringify(await listDocuments(around.documents)), {
      name: 'list_documents',
      description: 'The names of the documents that can be read',
      schema: z.object({}),
    }),
    tool(({ name }: { name: string }) => readDocument(around.documents, name), {
      name: 'read_document',
      description: 'The text of one document',
      schema: named,
    }),
    tool(
      async ({ name }: { name: string }) =>
        JSON.stringify(wordStatistics(name, await readDocument(around.documents, name))),
      { name: 'word_statistics', description: 'How many words a document has, and which most often', schema: named },
    ),
    tool(({ expression }: { expression: string }) => String(calculate(expression)), {
      name: 'calculate',
      description: 'The value of an arithmetic expression',
      schema: z.object({ expression: z.string() }),
    }),
    tool(({ limit }: { limit: number }) => describeRecentRuns(around, limit), {
      name: 'recent_runs',
      description: 'How the newest runs in Runcast went',
      schema: z.object({ limit: z.number().int().min(1).max(100) }),
    }),
  ];
}
