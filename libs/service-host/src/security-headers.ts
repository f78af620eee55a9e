/**
 * On every answer. A browser that is made to open one as a page must not run, frame or sniff anything in it, nor tell others its
 * address. Whether a page may read it depends on the page, so no cache may hand one page's answer to another. The console's pages
 * and those of the documents come with policies of their own.
 */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-site',
  vary: 'origin',
} as const;

/** The same as lines of a response that is written by hand. */
export const SECURITY_HEADER_LINES: readonly string[] = Object.entries(SECURITY_HEADERS).map(
  ([name, value]) => `${name}: ${value}`,
);
