/** The metrics that a PromQL expression names: everything that is neither a function, an aggregation, a label nor a keyword. */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '""')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  const names = [...bare.matchAll(/[A-Za-z_:][A-Za-z0-9_:]*(?!\s*\()\b/g)].map(([name]) => name);
  return names.filter((name) => !KEYWORDS.has(name) && !new RegExp(`\\b${name}\\s*\\(`).test(bare));
}

const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset']);

/** The labels that an expression names, for the metrics of one selector or grouping. */
export function labelsIn(expression: string): string[] {
  const matched = [...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner]) =>
    [...inner!.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!),
  );
  const grouped = [...expression.matchAll(/\b(?:by|without)\s*\(([^)]*)\)/g)].flatMap(([, inner]) =>
    inner!.split(',').map((label) => label.trim()),
  );
  return [...new Set([...matched, ...grouped])];
}

/** The names and labels of what Prometheus is served, the parts of histograms under their own names. */
export function servedIn(exposition: string): Map<string, Set<string>> {
  const served = new Map<string, Set<string>>();
  const add = (name: string, labels: readonly string[]): void => {
    const known = served.get(name) ?? new Set<string>();
    for (const label of labels) known.add(label);
    served.set(name, known);
  };
  for (const [, name, kind] of exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const parts = kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const part of parts) add(name! + part, []);
  }
  for (const [, name, labels] of exposition.matchAll(/^([a-zA-Z_:][\w:]*)\{([^}]*)\}/gm)) {
    add(
      name!,
      [...labels!.matchAll(/(\w+)="/g)].map(([, label]) => label!),
    );
  }
  return served;
}
