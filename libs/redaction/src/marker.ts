/** What stands in the place of a value that was redacted. `rule` says why, never what. */
export function marker(rule: string): string {
  return `[redacted:${rule}]`;
}

const WHOLE = /^\[redacted:[a-z-]{1,32}\]$/;

/** Whether the text is a marker and nothing else: what was redacted once is not redacted again. */
export function isMarker(text: string): boolean {
  return text.length <= 48 && WHOLE.test(text);
}

export function holdsMarker(text: string): boolean {
  return text.includes('[redacted:');
}
