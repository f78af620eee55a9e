// The import law (docs/architecture.md): which tag may import which.
export const importLaw = [
  { sourceTag: 'type:contract', onlyDependOnLibsWithTags: [], allowedExternalImports: [] },
  { sourceTag: 'type:dialects', onlyDependOnLibsWithTags: ['type:contract'], allowedExternalImports: ['zod'] },
  { sourceTag: 'type:redaction', onlyDependOnLibsWithTags: ['type:contract'], allowedExternalImports: [] },
  { sourceTag: 'type:adapter', onlyDependOnLibsWithTags: ['type:contract', 'type:redaction'] },
  { sourceTag: 'type:messaging', onlyDependOnLibsWithTags: ['type:contract'] },
  // Serving an agent takes commands; everything else of the client knows HTTP only.
  { sourceTag: 'type:client', onlyDependOnLibsWithTags: ['type:contract', 'type:messaging'] },
  // The console is a page like any user's: it speaks to Runcast through the client and plain HTTP.
  { sourceTag: 'type:console', onlyDependOnLibsWithTags: ['type:contract', 'type:client'] },
  { sourceTag: 'type:backends', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:harness', onlyDependOnLibsWithTags: ['type:backends'] },
  {
    sourceTag: 'type:app',
    onlyDependOnLibsWithTags: [
      'type:contract',
      'type:dialects',
      'type:redaction',
      'type:adapter',
      'type:messaging',
      'type:client',
    ],
  },
  {
    sourceTag: 'type:cli',
    onlyDependOnLibsWithTags: ['type:contract', 'type:dialects', 'type:adapter', 'type:client', 'type:backends'],
  },
  { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['*'] },
];

/** The workspace itself holds no code that anybody imports. */
const LAWLESS_TAGS = ['type:workspace'];

/**
 * What is wrong with the tags of the projects. A project without a tag, or with one that the law does not know, would
 * be free to import anything.
 */
export function tagProblems(projects) {
  const known = [...importLaw.map(({ sourceTag }) => sourceTag), ...LAWLESS_TAGS];
  return projects.flatMap(({ name, tags = [] }) => {
    const types = tags.filter((tag) => tag.startsWith('type:'));
    if (types.length !== 1) return [`${name}: has ${types.length} tags of the form type:…, expected exactly one`];
    return known.includes(types[0]) ? [] : [`${name}: the import law knows no tag ${types[0]}`];
  });
}
