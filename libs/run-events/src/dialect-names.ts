/** Every wire format Runcast speaks, under the one name used in URLs, NATS subjects, folders, metrics and docs. */
export const DIALECT_NAMES = [
  'runcast',
  'agent-os',
  'lyzr-agent',
  'lyzr-workflow',
  'zihin',
  'vectara',
  'ag-ui',
] as const;

export type DialectName = (typeof DIALECT_NAMES)[number];

export function isDialectName(value: unknown): value is DialectName {
  return DIALECT_NAMES.includes(value as DialectName);
}
