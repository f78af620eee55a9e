import { describe, expect, it } from '@jest/globals';
import { distributionArchives, sourceForSuite } from './apt-sources.ts';

const DEB822 = `# a comment
Types: deb
URIs: http://deb.example.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/example.gpg

Types: deb
URIs: http://deb.example.org/debian-security
Suites: bookworm-security
Components: main
`;

describe('distributionArchives', () => {
  it('takes the archive that carries the release, not its security archive', () => {
    expect(distributionArchives([{ name: 'debian.sources', text: DEB822 }], 'bookworm')).toEqual([
      { uris: 'http://deb.example.org/debian', signedBy: '/usr/share/keyrings/example.gpg' },
    ]);
  });

  it('reads the one-line form with and without options', () => {
    const text = `
deb [arch=amd64 signed-by=/keys/a.gpg] http://one.example.org/debian bookworm main contrib # note
# deb http://off.example.org/debian bookworm main
deb-src http://source.example.org/debian bookworm main
deb http://two.example.org/debian bookworm main
deb http://vendor.example.org/apt cloud-sdk-bookworm main
`;
    expect(distributionArchives([{ name: 'sources.list', text }], 'bookworm')).toEqual([
      { uris: 'http://one.example.org/debian', signedBy: '/keys/a.gpg' },
      { uris: 'http://two.example.org/debian' },
    ]);
  });

  it('leaves out what is switched off, source-only, or of another vendor', () => {
    const stanza = (fields: string): string => `URIs: http://x.example.org/debian\nSuites: bookworm\n${fields}\n\n`;
    const text = [
      stanza('Types: deb\nComponents: main\nEnabled: no'),
      stanza('Types: deb-src\nComponents: main'),
      stanza('Types: deb\nComponents: non-free'),
    ].join('');
    expect(distributionArchives([{ name: 'x.sources', text }], 'bookworm')).toEqual([]);
  });

  it('keeps a key that is written into the source whole', () => {
    const key = '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINB\n -----END PGP PUBLIC KEY BLOCK-----';
    const text = `Types: deb\nURIs: http://x.example.org/\nSuites: trixie\nComponents: main\nSigned-By:${key}\n`;
    const [archive] = distributionArchives([{ name: 'x.sources', text }], 'trixie');
    expect(sourceForSuite(archive!, 'sid', 'amd64')).toContain(`Signed-By:${key}\n`);
  });
});

describe('sourceForSuite', () => {
  it('names the suite, one architecture and the same keys, and is read back as such', () => {
    const archive = { uris: 'http://deb.example.org/debian', signedBy: '/usr/share/keyrings/example.gpg' };
    const text = sourceForSuite(archive, 'sid', 'arm64');
    expect(text).toContain('Architectures: arm64\n');
    expect(distributionArchives([{ name: 'suite.sources', text }], 'sid')).toEqual([archive]);
  });
});
