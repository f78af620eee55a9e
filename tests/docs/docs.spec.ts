import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { brokenLinks } from './broken-links.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = globSync(['*.md', 'docs/**/*.md', 'k8s/*.md', '{apps,libs}/*/src/**/*.md'], { cwd: ROOT }).sort();

function readText(path: string): string | undefined {
  const kind = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (kind === undefined) return undefined;
  return kind.isDirectory() ? '' : readFileSync(join(ROOT, path), 'utf8');
}

describe('The links of the pages', () => {
  it.each(PAGES)('in %s all lead somewhere', (page) => {
    expect(brokenLinks(page, readText)).toEqual([]);
  });

  it('were all looked at', () => {
    expect(PAGES).toEqual(
      expect.arrayContaining(['README.md', 'docs/architecture.md', 'docs/decisions/0001-log-layout.md']),
    );
  });

  it.each([
    ['a file that is not there', '[a](b.md)', ['b.md']],
    ['a heading that is not there', '[a](#words-2) [b](other.md#words)', ['#words-2']],
    ['a file above the page', '[a](../up.md) [b](../README.md)', ['../up.md']],
  ])('would be found out for %s', (_what, text, broken) => {
    const files = new Map([
      ['docs/page.md', `${text}\n[web](https://example.org) \`[code](c.md)\`\n`],
      ['docs/other.md', '# Other\n## Words\n'],
      ['README.md', ''],
    ]);
    expect(brokenLinks('docs/page.md', (path) => files.get(path))).toEqual(broken);
  });
});

describe('The pictures of the pages', () => {
  const pictures = globSync('docs/images/*', { cwd: ROOT });
  const MAX_BYTES = 150_000;

  it('are shown somewhere, and small', () => {
    const text = PAGES.map((page) => readText(page)).join('\n');
    expect(pictures.filter((picture) => !text.includes(picture.split('/').at(-1)!))).toEqual([]);
    expect(pictures.filter((picture) => statSync(join(ROOT, picture)).size >= MAX_BYTES)).toEqual([]);
    expect(pictures.length).toBeGreaterThan(0);
  });
});

interface Law {
  readonly sourceTag: string;
  readonly onlyDependOnLibsWithTags: readonly string[];
}

/** The project tags that a table row names, from left to right. */
function tagsOf(text: string): string[] {
  return [...text.matchAll(/`(type:[a-z0-9-]+)`/g)].map(([, tag]) => tag!);
}

describe('docs/architecture.md', () => {
  const page = readText('docs/architecture.md')!;
  const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`))!;

  it('says the import law as the lint knows it', async () => {
    const file = new URL('../../tools/import-law.mjs', import.meta.url).href;
    const { importLaw } = (await import(file)) as { importLaw: readonly Law[] };
    const rows = section('The import law').match(/^\| `type:.*$/gm)!;
    const written = rows.map((row) => {
      const [tag, ...allowed] = tagsOf(row);
      return [tag, row.endsWith('| anything |') ? ['*'] : allowed];
    });
    expect(written).toEqual(
      importLaw.map(({ sourceTag, onlyDependOnLibsWithTags }) => [sourceTag, onlyDependOnLibsWithTags]),
    );
  });

  it('lists every project of the workspace under its tag', () => {
    const rows = section('Workspace').match(/^\| \[.*$/gm)!;
    const written = rows.map((row) => [/^\| \[([^\]]+)\]/.exec(row)![1], ...tagsOf(row)]);
    const projects = globSync('{apps/*,libs/*,tests}/package.json', { cwd: ROOT }).map((file) => {
      const { nx } = JSON.parse(readText(file)!) as { nx: { tags: string[] } };
      return [file.replace('/package.json', ''), ...nx.tags];
    });
    expect(written.sort()).toEqual(projects.sort());
  });
});
