import type { WatchedEvent } from '@runcast/client';

export interface ReadablePart {
  readonly name: string;
  readonly text: string;
  readonly tone: 'plain' | 'error';
}

const PARTS = [
  'question',
  'context',
  'response',
  'input',
  'output',
  'message',
  'content',
  'text',
  'messages',
  'partialOutput',
];

/** What of an event a person wants to read: questions, answers, texts, errors with their traceback. */
export function readableParts({ data }: Pick<WatchedEvent, 'data'>): ReadablePart[] {
  const error = data['error'] as { type?: unknown; message?: unknown } | undefined;
  const failure = error && [error.type, error.message].filter((part) => typeof part === 'string').join(': ');
  return [
    ...(failure ? [{ name: 'error', text: failure, tone: 'error' as const }] : []),
    ...(typeof data['traceback'] === 'string'
      ? [{ name: 'traceback', text: data['traceback'], tone: 'error' as const }]
      : []),
    ...PARTS.flatMap((name) => {
      const value = data[name];
      return value === undefined || value === null ? [] : [{ name, text: readable(value), tone: 'plain' as const }];
    }),
  ];
}

/** Texts as they are; a conversation as who said what; facts a line each; anything else as indented JSON. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length > 0 && value.every(isMessage)) {
    return value.map((said) => `${said.role ?? said.type}: ${readable(said.content)}`).join('\n\n');
  }
  if (isFlat(value)) {
    const facts = Object.entries(value).map(([name, fact]) => `${name}: ${fact}`);
    // What spans lines is told from the next fact by a gap.
    return facts.join(facts.some((fact) => fact.includes('\n') || fact.length > 120) ? '\n\n' : '\n');
  }
  return JSON.stringify(value, null, 2);
}

function isFlat(value: unknown): value is Readonly<Record<string, string | number | boolean>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const facts = Object.values(value);
  return facts.length > 0 && facts.every((fact) => ['string', 'number', 'boolean'].includes(typeof fact));
}

interface Message {
  readonly role?: string;
  readonly type?: string;
  readonly content: unknown;
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || !('content' in value)) return false;
  return ['role', 'type'].some((name) => typeof (value as Record<string, unknown>)[name] === 'string');
}
