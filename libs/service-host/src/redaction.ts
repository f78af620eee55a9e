import { Redactor } from '@runcast/redaction';

const standard = new Redactor({ enable: ['email', 'card'] });

/** Query parameters that carry a secret: they would end in access logs and Referer headers. */
const SECRET_PARAMETER = /([?&;](?:ticket|token|access_token|x-api-key|api[_-]?key|key|signature)=)[^&;#]*/gi;

/** The address without the secrets in its query. */
export function redactUrl(url: string): string {
  return url.replace(SECRET_PARAMETER, '$1***');
}

/** Whether a logged field must not show its value, whatever that is. */
export function isSecretField(name: string): boolean {
  return standard.judgeName(name) !== 'harmless';
}

/** The longest string a log line holds, in UTF-16 units: a 1 MB id must not become a 1 MB log line. */
export const MAX_LOGGED_CHARS = 256;

// C1 controls and DEL drive terminals, bidi overrides and line separators fake what a reader sees. JSON leaves all of
// them as they are (C0 controls it escapes itself).
const DECEIVING = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** What is behind is not even looked at: a log line must not cost as much as what it tells of. */
const MAX_READ_CHARS = 8_192;

/** Text that cannot flood or falsify a log, nor tell a secret to it. */
export function loggable(text: string, maxChars = MAX_LOGGED_CHARS): string {
  // Before the cut, which could leave the beginning of a secret that no longer looks like one.
  const redacted = standard.text(redactUrl(text.slice(0, MAX_READ_CHARS)));
  const cut = text.length > maxChars ? `${redacted.slice(0, maxChars)}… (${text.length} characters)` : redacted;
  return cut.replace(DECEIVING, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
