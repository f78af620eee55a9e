import type { Usage } from './event-types.ts';
import type { RunState } from './run-state.ts';

export const NO_USAGE: Required<Usage> = { inputTokens: 0, outputTokens: 0, totalTokens: 0, costUsd: 0 };

/** The largest cost a run can show, in US dollars. Keeps sums finite whatever is reported. */
export const MAX_COST_USD = 1e12;

/** Adds one model call's usage, unless the attempt has already reported its own total. */
export function addUsage(state: RunState, usage: Usage | undefined): RunState {
  if (usage === undefined || state.usageReported) return state;
  return { ...state, usage: sum(state.usage, complete(usage, NO_USAGE)) };
}

/** Takes the attempt's own total. It replaces what was summed from model calls; what it leaves out stays summed. */
export function reportUsage(state: RunState, usage: Usage | undefined): RunState {
  if (usage === undefined || Object.keys(usage).length === 0) return state;
  const summed = difference(state.usage, state.usageBefore);
  return { ...state, usage: sum(state.usageBefore, complete(usage, summed)), usageReported: true };
}

function complete(usage: Usage, otherwise: Required<Usage>): Required<Usage> {
  const inputTokens = usage.inputTokens ?? otherwise.inputTokens;
  const outputTokens = usage.outputTokens ?? otherwise.outputTokens;
  return {
    inputTokens,
    outputTokens,
    totalTokens: usage.totalTokens ?? inputTokens + outputTokens,
    costUsd: usage.costUsd ?? otherwise.costUsd,
  };
}

function sum(left: Required<Usage>, right: Required<Usage>): Required<Usage> {
  return {
    inputTokens: Math.min(left.inputTokens + right.inputTokens, Number.MAX_SAFE_INTEGER),
    outputTokens: Math.min(left.outputTokens + right.outputTokens, Number.MAX_SAFE_INTEGER),
    totalTokens: Math.min(left.totalTokens + right.totalTokens, Number.MAX_SAFE_INTEGER),
    costUsd: Math.min(left.costUsd + right.costUsd, MAX_COST_USD),
  };
}

function difference(left: Required<Usage>, right: Required<Usage>): Required<Usage> {
  return {
    inputTokens: left.inputTokens - right.inputTokens,
    outputTokens: left.outputTokens - right.outputTokens,
    totalTokens: left.totalTokens - right.totalTokens,
    costUsd: left.costUsd - right.costUsd,
  };
}
