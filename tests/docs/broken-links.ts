import { posix } from 'node:path';

/** The text of a file, '' for a folder, undefined for what is not there. Paths begin at the repository. */
export type ReadText = (path: string) => string | undefined;

/** The relative links of a page that lead to no file, or to no heading of it. */
export function brokenLinks(page: string, readText: ReadText): string[] {
  return linksOf(readText(page) ?? '').filter((link) => {
    const [path = '', heading] = link.split('#');
    const target = path === '' ? page : posix.join(posix.dirname(page), decodeURIComponent(path));
    const text = readText(target);
    return text === undefined || (heading !== undefined && !anchorsOf(text).has(heading));
  });
}

/** What is shown as code is no link. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, 'code');
  const targets = [...prose.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter((target) => !/^[a-z][a-z+.-]*:/.test(target));
}

/** As GitHub makes them of headings, and those that are written out. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);
  const written = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!);
  return new Set([...headings.map(slugOf), ...written]);
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
