import type { FieldProblem, JsonValue } from '@runcast/run-events';
import { isJsonObject } from '@runcast/run-events';
import { OPTIONAL_DETECTORS, STANDARD_DETECTORS } from './detectors.ts';
import { plainName } from './secret-names.ts';

/** What one tenant wants redacted, beside and instead of the standard. All members may be left out. */
export interface RedactionRules {
  /** More names of fields whose value is a secret; case and separators do not matter. */
  readonly names?: readonly string[];
  /** Names that are secrets by the standard and honest here. */
  readonly allowed_names?: readonly string[];
  /** Kinds of values to look for besides: `email`, `card`. */
  readonly enable?: readonly string[];
  /** Kinds of values of the standard not to look for. */
  readonly disable?: readonly string[];
  /** Own kinds of keys: a fixed beginning, and how many characters of a key follow it at least. */
  readonly prefixes?: readonly { readonly prefix: string; readonly min_chars: number }[];
  /** Nothing is redacted at all: for a tenant that may not lose a character. */
  readonly off?: boolean;
}

export const STANDARD_RULES: RedactionRules = {};

const MAX_NAMES = 200;
const MAX_PREFIXES = 50;
const MAX_TEXT_CHARS = 64;

export type ReadRules = { ok: true; rules: RedactionRules } | { ok: false; problems: FieldProblem[] };

/** Reads rules that somebody sent. There are no patterns of the sender's own: one can take seconds for a short text. */
export function readRules(value: JsonValue): ReadRules {
  if (!isJsonObject(value)) return { ok: false, problems: [{ field: '', expected: 'a JSON object' }] };
  const problems = Object.entries(value).flatMap(([field, member]): FieldProblem[] => {
    const known = Object.hasOwn(MEMBERS, field) ? MEMBERS[field] : undefined;
    if (known === undefined) return [{ field, expected: `one of ${Object.keys(MEMBERS).join(', ')}` }];
    return known.fits(member) ? [] : [{ field, expected: known.expected }];
  });
  return problems.length === 0 ? { ok: true, rules: value } : { ok: false, problems };
}

interface Member {
  readonly expected: string;
  fits(value: JsonValue): boolean;
}

const names: Member = {
  expected: `at most ${MAX_NAMES} names of 2 to ${MAX_TEXT_CHARS} characters with a letter or digit`,
  fits: (value) => Array.isArray(value) && value.length <= MAX_NAMES && value.every(isName),
};

const MEMBERS: Readonly<Record<string, Member>> = {
  names,
  allowed_names: names,
  enable: kindsOf(OPTIONAL_DETECTORS.map(({ rule }) => rule)),
  disable: kindsOf([...STANDARD_DETECTORS.map(({ rule }) => rule), 'field']),
  prefixes: {
    expected: `at most ${MAX_PREFIXES} objects {prefix, min_chars}: a text of 3 to ${MAX_TEXT_CHARS} printable ASCII characters, a number from 4 to 512`,
    fits: (value) => Array.isArray(value) && value.length <= MAX_PREFIXES && value.every(isPrefix),
  },
  off: { expected: 'true or false', fits: (value) => typeof value === 'boolean' },
};

function kindsOf(kinds: readonly string[]): Member {
  return {
    expected: `an array of ${kinds.join(', ')}`,
    fits: (value) => Array.isArray(value) && value.every((kind) => kinds.includes(kind as string)),
  };
}

function isName(value: JsonValue): boolean {
  return typeof value === 'string' && value.length <= MAX_TEXT_CHARS && plainName(value).length >= 2;
}

function isPrefix(value: JsonValue): boolean {
  if (!isJsonObject(value) || Object.keys(value).length !== 2) return false;
  const { prefix, min_chars } = value;
  if (typeof prefix !== 'string' || !/^[!-~]{3,64}$/.test(prefix)) return false;
  return typeof min_chars === 'number' && Number.isInteger(min_chars) && min_chars >= 4 && min_chars <= 512;
}
