/**
 * The link that shows one run to somebody without a key. Its ticket stands behind the `#`, which reaches no server, and no
 * robot that looks at links before people do can use it up.
 */
export function sharedLink(origin: string, run: string, ticket: string): string {
  return `${origin}${runPath(run)}#ticket=${ticket}`;
}

export function ticketInFragment(fragment: string): string | undefined {
  const ticket = new URLSearchParams(fragment.replace(/^#/, '')).get('ticket');
  return ticket !== null && /^rct_[\w-]{1,128}$/.test(ticket) ? ticket : undefined;
}

/** The run whose page an address is. */
export function runOfPath(path: string): string | undefined {
  const name = /^\/runs\/([^/]+)$/.exec(path)?.[1];
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function runPath(run: string): string {
  return `/runs/${encodeURIComponent(run)}`;
}
