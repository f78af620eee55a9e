/** What betrays a possible secret: two letters to stop at, and what has to stand around them, from the first of the two on. */
type Trace = readonly [pairs: readonly string[], around: string];

const TRACES: readonly Trace[] = [
  // Names of fields.
  [['sw', 'sp'], '(?<=pas)s(?:w|ph)'],
  [['pw'], 'pwd'],
  [['cr'], '(?<=se)cret|credential'],
  [['ke'], '(?<=(?:api|private|access|account)[^a-z0-9]?)key'],
  [['ok'], '(?<=t)oken(?![a-z])|(?<=co)okie'],
  [['ck'], '(?<=ti)cket(?![a-z])'],
  [['iz'], '(?<=author)iz|(?<=a)iza'],
  [['nn'], '(?<=co)nnection[^a-z0-9]?string'],
  [['jw'], 'jwt'],
  [['cv'], 'cv[vc]'],
  // Values.
  [['be'], 'bearer'],
  [['yj'], '(?<=e)yj'],
  [['k-'], '(?<=s)k-'],
  [['k_'], '(?<=[srp])k_(?:live|test)_'],
  [['rc'], 'rc[ktv]_'],
  [['hs'], '(?<=w)hsec_'],
  [['gh'], 'gh[pousr]_'],
  [['b_'], '(?<=githu)b_pat_'],
  [['gl'], 'glpat-'],
  [['xo'], 'xox[abeoprs]-'],
  [['pm'], '(?<=n)pm_'],
  [['hf'], 'hf_'],
  [['sg'], 'sg\\.'],
  [['ia'], '(?<=ak|as)ia'],
  [['a2'], '(?<=y)a29\\.'],
  [[':/', ':\\'], ':\\\\?/\\\\?/[^/\\s"@]{0,400}@'],
  [['?k', '?t', '?s', '?x', '&k', '&t', '&s', '&x', ';k', ';t', ';s', ';x'], '[?&;](?:key|token|ticket|sig|x-a)'],
  // An escape can spell any letter.
  [['\\u'], '\\\\u00'],
];

const ASCII = 128;

/** Per pair of letters in lower case, the number of its trace; 0 for the many pairs of which no secret is made. */
const traceOfPair = new Uint8Array(ASCII * ASCII);
const around: RegExp[] = [];
for (const [index, [pairs, pattern]] of TRACES.entries()) {
  around.push(new RegExp(pattern, 'iy'));
  for (const pair of pairs) traceOfPair[pair.charCodeAt(0) * ASCII + pair.charCodeAt(1)] = index + 1;
}

const lowerCase = Uint8Array.from({ length: ASCII }, (_, code) =>
  String.fromCharCode(code).toLowerCase().charCodeAt(0),
);

/**
 * Whether a text may hold a secret by the standard. Never wrong when it says no; then nothing else has to look at the
 * text, which is most of them: this loop is what redaction costs. One expression of the same alternatives took five
 * times as long.
 */
export function mayHoldSecret(text: string): boolean {
  let before = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const letter = code < ASCII ? lowerCase[code]! : 0;
    const trace = traceOfPair[before * ASCII + letter]!;
    before = letter;
    if (trace !== 0 && matchesAt(around[trace - 1]!, text, index - 1)) return true;
  }
  return false;
}

function matchesAt(pattern: RegExp, text: string, index: number): boolean {
  pattern.lastIndex = index;
  return pattern.test(text);
}
