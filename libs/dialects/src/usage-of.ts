import type { Usage } from '@runcast/run-events';

type Counted = { [K in keyof Usage]: number | null | undefined };

/** Usage of what a vendor counted; undefined when it counted nothing. */
export function usageOf({ inputTokens, outputTokens, totalTokens, costUsd }: Counted): Usage | undefined {
  const usage: Usage = {
    ...(inputTokens != null && { inputTokens }),
    ...(outputTokens != null && { outputTokens }),
    ...(totalTokens != null && { totalTokens }),
    ...(costUsd != null && { costUsd }),
  };
  return Object.keys(usage).length > 0 ? usage : undefined;
}
