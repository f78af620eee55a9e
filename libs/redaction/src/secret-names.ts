/**
 * Names of fields whose value is a secret, without case and separators. A field counts when its name ends with one of
 * them: `OPENAI_API_KEY`, `db-password` and `clientSecret` are secrets; `prompt_tokens` and `session_key` are not.
 */
const ENDINGS = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'apikey',
  'secretkey',
  'privatekey',
  'accesskey',
  'accountkey',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'authtoken',
  'apitoken',
  'bearertoken',
  'sessiontoken',
  'securitytoken',
  'authorization',
  'cookie',
  'credential',
  'credentials',
  'connectionstring',
];

/** Too short or too usual as an ending: the whole name has to be one of these. */
const WHOLE = ['pwd', 'jwt', 'cvv', 'cvc'];

/** Secret only when the value looks like one: to a language model, a token is a piece of a word. */
const AMBIGUOUS = ['token', 'ticket'];

export type NameVerdict = 'secret' | 'ambiguous' | 'harmless';

/** The longest name that is judged by its text, and remembered. */
const MAX_NAME_CHARS = 128;
const MAX_REMEMBERED = 5_000;

/** Judges the names of fields. Remembers its verdicts: events of one sender have the same few hundred names. */
export class SecretNames {
  private readonly verdicts = new Map<string, NameVerdict>();
  private readonly extra: ReadonlySet<string>;
  private readonly exempt: ReadonlySet<string>;

  constructor(extra: readonly string[], exempt: readonly string[]) {
    this.extra = new Set(extra.map(plainName));
    this.exempt = new Set(exempt.map(plainName));
  }

  judge(name: string): NameVerdict {
    const known = this.verdicts.get(name);
    if (known !== undefined) return known;
    const verdict = this.judgeAnew(plainName(name.slice(-MAX_NAME_CHARS)));
    if (name.length > MAX_NAME_CHARS) return verdict;
    // Names can be chosen to be new each time; forgetting all of them is rare and cheap.
    if (this.verdicts.size >= MAX_REMEMBERED) this.verdicts.clear();
    this.verdicts.set(name, verdict);
    return verdict;
  }

  private judgeAnew(name: string): NameVerdict {
    if (this.exempt.has(name)) return 'harmless';
    if (this.extra.has(name) || WHOLE.includes(name)) return 'secret';
    if (ENDINGS.some((ending) => name.endsWith(ending))) return 'secret';
    return AMBIGUOUS.includes(name) ? 'ambiguous' : 'harmless';
  }
}

/** Without case and separators, so that `X-Api-Key`, `x_api_key` and `xApiKey` are one name. */
export function plainName(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

/** Whether the value of an ambiguous field looks like a secret: long, in one piece, not a word. */
export function looksSecret(value: string): boolean {
  return value.length >= 16 && !/\s/.test(value) && /\d/.test(value);
}
