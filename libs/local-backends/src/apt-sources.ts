/** One archive that this machine's apt trusts, as far as another suite of it needs to be known. */
export interface AptArchive {
  readonly uris: string;
  /** The field as it stands: a keyring's path, a fingerprint, or a whole key. Absent: apt's default keys. */
  readonly signedBy?: string;
}

/**
 * The archives among the machine's apt sources that hold the distribution's main component under the code name the
 * machine runs. Other vendors' archives, and the update and security suites, have no newer suite to take from.
 *
 * @param files the texts of sources.list, sources.list.d/*.list and *.sources
 */
export function distributionArchives(files: readonly { name: string; text: string }[], codename: string): AptArchive[] {
  const entries = files.flatMap(({ name, text }) => (name.endsWith('.sources') ? stanzas(text) : oneLiners(text)));
  return entries
    .filter((entry) => words(entry.Types).includes('deb') && !/^no$/i.test(entry.Enabled ?? ''))
    .filter((entry) => words(entry.Suites).includes(codename) && words(entry.Components).includes('main'))
    .map((entry) => ({
      uris: words(entry.URIs).join(' '),
      ...(entry['Signed-By'] && { signedBy: entry['Signed-By'] }),
    }));
}

/** A sources file in deb822 form that names `suite` of the archive and nothing else. */
export function sourceForSuite(archive: AptArchive, suite: string, architecture: string): string {
  return [
    'Types: deb',
    `URIs: ${archive.uris}`,
    `Suites: ${suite}`,
    'Components: main',
    `Architectures: ${architecture}`,
    ...(archive.signedBy ? [`Signed-By:${archive.signedBy.startsWith('\n') ? '' : ' '}${archive.signedBy}`] : []),
    '',
  ].join('\n');
}

type Fields = Record<string, string | undefined>;

const FIELD_NAMES = ['Types', 'URIs', 'Suites', 'Components', 'Signed-By', 'Enabled'];

function stanzas(text: string): Fields[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
    .map(stanzaFields);
}

function stanzaFields(stanza: string): Fields {
  const fields: Fields = {};
  // A line that begins with a blank continues the field above it: that is how a whole key is written.
  for (const [, name, value] of stanza.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
    const known = FIELD_NAMES.find((field) => field.toLowerCase() === name!.toLowerCase());
    if (known) fields[known] = value!.startsWith('\n') ? value! : value!.trim();
  }
  return fields;
}

function oneLiners(text: string): Fields[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(deb)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!match) return [];
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(match[2] ?? '')?.[1];
    const fields: Fields = { Types: match[1]!, URIs: match[3]!, Suites: match[4]!, Components: match[5]! };
    return [signedBy ? { ...fields, 'Signed-By': signedBy.replaceAll(',', ' ') } : fields];
  });
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter(Boolean);
}
