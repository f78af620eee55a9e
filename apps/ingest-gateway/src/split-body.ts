import { elementTexts } from '@runcast/run-events';

/** What a body of events turned out to be. The texts are slices of what came in, byte for byte. */
export type SplitBody =
  | { readonly kind: 'single'; readonly text: string }
  | { readonly kind: 'batch'; readonly texts: readonly string[] }
  | { readonly kind: 'unreadable'; readonly expected: string };

/**
 * Takes a body apart without parsing it: what is inside an element is the decoder's business, so that one bad element
 * never blocks the good ones. Only what stands between the elements is judged here. Requires trimmed text.
 */
export function splitBody(text: string, contentType: string | undefined): SplitBody {
  if (isNdjson(contentType)) return { kind: 'batch', texts: lines(text) };
  if (!text.startsWith('[')) return { kind: 'single', text };
  const texts = elementTexts(text);
  if (isArrayOf(text, texts)) return { kind: 'batch', texts };
  return { kind: 'unreadable', expected: 'a JSON array whose elements are separated by single commas' };
}

function isNdjson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/(?:x-)?ndjson\b/i.test(contentType);
}

/** Blank lines are no events: a last line break is usual, and harmless anywhere. */
function lines(body: string): string[] {
  return body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Whether `text` is exactly these elements in brackets, with one comma between each two. */
function isArrayOf(text: string, elements: readonly string[]): boolean {
  let end = 0;
  for (const [index, element] of elements.entries()) {
    const start = text.indexOf(element, end);
    if (text.slice(end, start).trim() !== (index === 0 ? '[' : ',')) return false;
    end = start + element.length;
  }
  return text.slice(end).replace(/\s+/g, '') === (elements.length === 0 ? '[]' : ']');
}
