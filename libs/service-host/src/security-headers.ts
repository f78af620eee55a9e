/**
 * On every answer. A browser that is made to open one as a page must not run, frame or sniff anything in it, nor tell others its
 * address. The console's pages and those of the documents come with policies of their own.
 */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-site',
} as const;

/** The same as lines of a response that is written by hand. */
export const SECURITY_HEADER_LINES: readonly string[] = Object.entries(SECURITY_HEADERS).map(
  ([name, value]) => `${name}: ${value}`,
);
