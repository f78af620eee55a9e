import { isCard } from './card-numbers.ts';
import {
  OPTIONAL_DETECTORS,
  prefixDetector,
  STANDARD_DETECTORS,
  type Detector,
  type HintedDetector,
} from './detectors.ts';
import { JsonRedaction } from './json-redaction.ts';
import { marker } from './marker.ts';
import { mayHoldSecret } from './quick-look.ts';
import { STANDARD_RULES, type RedactionRules } from './rules.ts';
import { looksSecret, plainName, SecretNames, type NameVerdict } from './secret-names.ts';

export interface Redacted {
  /** The same text with markers in the place of secrets; itself when there are none. */
  readonly text: string;
  /** Where markers were put, as `payload.headers.0.authorization`; at most {@link MAX_PATHS}. */
  readonly paths: readonly string[];
}

/** More places than anybody reads; an event that is nothing but secrets must not carry a list of a megabyte. */
export const MAX_PATHS = 100;

/** The shortest text that can hold a secret which a detector finds. */
const MIN_SECRET_CHARS = 6;

/** Replaces secrets by markers, by one set of rules. Pure; made once per tenant and rules. */
export class Redactor {
  private readonly names: SecretNames;
  private readonly detectors: readonly Detector[];
  private readonly byName: boolean;
  private readonly cards: boolean;
  /** Of what is not of the standard; none for most tenants. */
  private readonly hint: RegExp | undefined;
  private readonly off: boolean;

  constructor(rules: RedactionRules = STANDARD_RULES) {
    const { names = [], allowed_names = [], disable = [], enable = [], prefixes = [] } = rules;
    this.off = rules.off === true;
    this.byName = !disable.includes('field');
    this.cards = enable.includes('card');
    this.names = new SecretNames(names, allowed_names);
    const optional = OPTIONAL_DETECTORS.filter(({ rule }) => enable.includes(rule));
    const own = prefixes.map(({ prefix, min_chars }) => prefixDetector(prefix, min_chars));
    this.detectors = [...own, ...STANDARD_DETECTORS.filter(({ rule }) => !disable.includes(rule)), ...optional];
    this.hint = hintOf([...own, ...optional], names);
  }

  /**
   * Redacts a JSON text: the values of fields with a secret's name, secrets inside any string (and inside JSON within a
   * string), and names that are secrets themselves. What is not redacted stays byte for byte. Total on any text.
   */
  json(text: string): Redacted {
    if (this.off || !this.mayHoldSecret(text)) return { text, paths: [] };
    return new JsonRedaction(text, this).run();
  }

  /** Redacts a text that is no JSON: a log line, a header. */
  text(text: string): string {
    if (this.off || !this.mayHoldSecret(text)) return text;
    return this.detectors.reduce((redacted, detector) => detector.redact(redacted), text);
  }

  /** Whether a text that must stay as it is, such as an id, holds a secret. */
  holdsSecret(text: string): boolean {
    return this.text(text) !== text;
  }

  judgeName(name: string): NameVerdict {
    return this.byName ? this.names.judge(name) : 'harmless';
  }

  /** What takes the place of a number, if anything. */
  number(digits: string, verdict: NameVerdict): string | undefined {
    if (verdict === 'secret') return marker('field');
    return this.cards && isCard(digits) ? marker('card') : undefined;
  }

  /** What takes the place of a whole string for its field's name, if anything. */
  valueOf(value: string, verdict: NameVerdict): string | undefined {
    if (verdict === 'harmless' || value === '') return undefined;
    return verdict === 'secret' || looksSecret(value) ? marker('field') : undefined;
  }

  /** Quick, and never wrong when it says no. */
  mayHoldSecret(text: string): boolean {
    return text.length >= MIN_SECRET_CHARS && (mayHoldSecret(text) || this.hint?.test(text) === true);
  }
}

function hintOf(detectors: readonly HintedDetector[], names: readonly string[]): RegExp | undefined {
  const ownNames = names.map((name) => [...plainName(name)].join('[^\\p{L}\\p{N}]{0,3}'));
  const hints = [...detectors.map(({ hint }) => hint), ...ownNames];
  if (hints.length === 0) return undefined;
  return new RegExp(hints.join('|'), ownNames.length > 0 ? 'iu' : 'i');
}
