/** A registered route: its method and its pattern, e.g. `/v1/runs/:id`. */
export interface RouteEntry {
  readonly method: string;
  readonly pattern: string;
}

/** Which methods an address takes; empty when it is no address of ours. Tells 405 from 404. */
export function allowedMethods(routes: readonly RouteEntry[], path: string): string[] {
  const segments = path.split('/');
  const methods = routes.filter(({ pattern }) => matches(pattern.split('/'), segments)).map(({ method }) => method);
  return [...new Set(methods)].sort();
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false;
  return pattern.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]));
}
