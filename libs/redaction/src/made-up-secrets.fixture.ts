const random = 'Zx9'.repeat(14);

/** One secret of each kind, made up; put together here so that no scanner takes this file for a leak. */
export const SECRETS: readonly (readonly [kind: string, secret: string])[] = [
  ['openai', `sk-${random}`],
  ['anthropic', `sk-ant-api03-${random}`],
  ['stripe', `sk_live_${random.slice(0, 24)}`],
  ['runcast', `rck_${random}x`],
  ['runcast view', `rcv_${random}x`],
  ['github', `ghp_${random.slice(0, 36)}`],
  ['gitlab', `glpat-${random.slice(0, 20)}`],
  ['slack', `xoxb-1234567890-${random.slice(0, 12)}`],
  ['aws', `AKIA${'Q7'.repeat(8)}`],
  ['google', `AIza${random.slice(0, 35)}`],
  ['jwt', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${random}`],
  ['private key', `-----BEGIN RSA PRIVATE KEY-----\n${random}\n-----END RSA PRIVATE KEY-----`],
  ['npm', `npm_${random.slice(0, 36)}`],
  ['hugging face', `hf_${random.slice(0, 34)}`],
];
