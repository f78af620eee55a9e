/** The values of a pattern's `:name` parts in a path, decoded; `undefined` when the path does not match. */
export type PathParameters = Readonly<Record<string, string>>;

/**
 * Matches a path such as `/ws/a%2Fb/run` against a pattern such as `/ws/:flow/:run`.
 *
 * @throws {URIError} when the path matches and a part is not valid percent-encoded UTF-8
 */
export function matchPath(pattern: string, path: string): PathParameters | undefined {
  const names = pattern.split('/');
  const parts = path.split('/');
  if (names.length !== parts.length) return undefined;
  const matches = names.every((name, index) => (name.startsWith(':') ? parts[index] !== '' : name === parts[index]));
  if (!matches) return undefined;
  const pairs = names.flatMap((name, index) =>
    name.startsWith(':') ? [[name.slice(1), decodeURIComponent(parts[index]!)]] : [],
  );
  return Object.fromEntries(pairs) as PathParameters;
}
