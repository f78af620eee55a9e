const STOPPING = ['high', 'critical'];

/**
 * What `npm audit --json` has said. A registry without advisories (a mirror, no network) has checked nothing: that is said,
 * and stops nobody, for a build must not hang on somebody else's server.
 *
 * @param {string} output
 * @returns {{ text: string, code: 0 | 1 }}
 */
export function auditVerdict(output) {
  const report = parsed(output);
  if (report?.vulnerabilities === undefined) {
    const reason = report?.message ?? report?.error?.summary ?? 'no answer';
    return { text: `audit: NOTHING WAS CHECKED, the registry has no advisories for us (${reason})`, code: 0 };
  }
  const holes = Object.values(report.vulnerabilities);
  const stopping = holes.filter(({ severity }) => STOPPING.includes(severity));
  const named = stopping.map(({ name, severity }) => `${name} (${severity})`);
  if (named.length > 0) return { text: `audit: ${named.join(', ')}; npm audit says more`, code: 1 };
  return { text: `audit: nothing high or critical in what we ship, ${holes.length} lesser`, code: 0 };
}

function parsed(output) {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}
