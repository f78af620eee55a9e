import { redactAssignments } from './assignments.ts';
import { redactCards } from './card-numbers.ts';
import { marker } from './marker.ts';

/** Finds one kind of secret in text. What the standard ones change, quick-look.ts must have seen. */
export interface Detector {
  readonly rule: string;
  readonly redact: (text: string) => string;
}

/** One that is not of the standard. `hint` is found, without regard to case, in every text that `redact` changes. */
export interface HintedDetector extends Detector {
  readonly hint: string;
}

/**
 * How patterns stay linear: each begins where a run of its characters begins (the look-behind), so that no two attempts
 * read the same characters; repetitions have nothing behind them that they could match themselves.
 */
const JWT = /(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){2,4}/g;
const BEARER = /\b(Bearer[ \t]{1,8})([\w.~+/=-]{8,})/gi;
const VENDOR_KEY =
  /(?<![A-Za-z0-9_-])(?:sk-[\w-]{16,}|(?:sk|rk|pk)_(?:live|test)_\w{10,}|whsec_[\w+/=]{16,}|rck_[\w-]{43}|rc[tv]_[\w-]{20,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|npm_\w{36}|hf_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,})/g;
const CLOUD_KEY = /(?<![A-Za-z0-9_-])(?:(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}|ya29\.[\w-]{20,})(?![A-Za-z0-9])/g;
const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g;
const URL_PASSWORD = /:\/\/([^\s/?#@:"'<>]{0,128}):([^\s/?#@"'<>]{1,256})@/g;
const QUERY_SECRET =
  /([?&;](?:key|token|ticket|sig|signature|x-api-key|x-amz-signature|x-amz-security-token)=)([^&#;\s"'<>\\]{8,})/gi;
const EMAIL =
  /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![A-Za-z0-9-])/g;

/** A word that merely follows "bearer", as in "bearer authentication", is no credential. */
const WORD = /^[A-Z]?[a-z-]+[.]?$/;

/** On unless a tenant turns them off. Private keys go first: they hold what others would take for something else. */
export const STANDARD_DETECTORS: readonly Detector[] = [
  { rule: 'private-key', redact: replacing(PRIVATE_KEY, 'private-key') },
  {
    rule: 'bearer',
    redact: (text) =>
      text.replace(BEARER, (all, scheme: string, value: string) =>
        WORD.test(value) ? all : scheme + marker('bearer'),
      ),
  },
  { rule: 'jwt', redact: replacing(JWT, 'jwt') },
  { rule: 'api-key', redact: replacing(VENDOR_KEY, 'api-key') },
  { rule: 'cloud-key', redact: replacing(CLOUD_KEY, 'cloud-key') },
  {
    rule: 'url-password',
    redact: (text) => text.replace(URL_PASSWORD, (_all, user: string) => `://${user}:${marker('url-password')}@`),
  },
  {
    rule: 'query',
    redact: (text) =>
      text.replace(QUERY_SECRET, (all, name: string, value: string) =>
        value.startsWith('[redacted:') ? all : name + marker('query'),
      ),
  },
  { rule: 'assignment', redact: redactAssignments },
];

/** Off unless a tenant turns them on: an e-mail address or a long number is often what the event is about. */
export const OPTIONAL_DETECTORS: readonly HintedDetector[] = [
  { rule: 'email', hint: '@', redact: replacing(EMAIL, 'email') },
  { rule: 'card', hint: '\\d(?:[ -]?\\d){12}', redact: redactCards },
];

/** A tenant's own kind of key: a fixed beginning and at least so many characters of a key behind it. */
export function prefixDetector(prefix: string, minChars: number): HintedDetector {
  const literal = prefix.replace(/[^A-Za-z0-9]/g, '\\$&');
  const pattern = new RegExp(`(?<![A-Za-z0-9_-])${literal}[\\w-]{${minChars},}`, 'g');
  return { rule: 'custom', hint: literal, redact: replacing(pattern, 'custom') };
}

function replacing(pattern: RegExp, rule: string): (text: string) => string {
  const replacement = marker(rule);
  return (text) => text.replace(pattern, replacement);
}
