/** The kinds of events that a list is filtered by. */
export const GROUPS = ['run', 'step', 'tool', 'model', 'message', 'human', 'other'] as const;
export type EventGroup = (typeof GROUPS)[number];

const BY_SUBJECT: Readonly<Record<string, EventGroup>> = {
  run: 'run',
  session: 'run',
  usage: 'run',
  step: 'step',
  'tool-call': 'tool',
  'llm-call': 'model',
  reasoning: 'model',
  message: 'message',
  'human-input': 'human',
};

/** By what an event's type begins with; a vendor's own types are `other`. */
export function groupOf(type: string): EventGroup {
  return BY_SUBJECT[type.split('.', 1)[0]!] ?? 'other';
}
