import { CANONICAL_EVENT_TYPES, type CanonicalEventType } from '@runcast/run-events';
import type { Fidelity } from '../mapping.ts';
import { subjects } from './subjects.ts';

const SHOWN = subjects.filter(({ title }) => title !== 'runcast');
export const BEGIN = '<!-- mapping: written by libs/dialects/src/suite/write-mapping-table.ts -->';
export const END = '<!-- end of mapping -->';

/** The part of docs/dialects.md that is made from the code. */
export function mappingTable(): string {
  const head = `| event | ${SHOWN.map(({ title }) => title).join(' | ')} |`;
  const rule = `|---|${SHOWN.map(() => '---').join('|')}|`;
  const rows = CANONICAL_EVENT_TYPES.map((type) => `| \`${type}\` | ${cells(type).join(' | ')} |`);
  return [BEGIN, head, rule, ...rows, '', '## What is lost', ...SHOWN.flatMap(({ title }) => losses(title)), END].join(
    '\n',
  );
}

function cells(type: CanonicalEventType): string[] {
  return SHOWN.map(({ dialect }) => cell(dialect.mapping[type]));
}

function cell(fidelity: Fidelity): string {
  switch (fidelity.kind) {
    case 'exact':
      return `= ${fidelity.as}`;
    case 'lossy':
      return `~ ${fidelity.as}`;
    case 'none':
      return '–';
  }
}

function losses(title: string): string[] {
  const { mapping } = SHOWN.find((subject) => subject.title === title)!.dialect;
  const lines = CANONICAL_EVENT_TYPES.flatMap((type) => {
    const fidelity = mapping[type];
    if (fidelity.kind !== 'lossy') return [];
    const comesBack = fidelity.becomes === type ? '' : ` (comes back as \`${fidelity.becomes}\`)`;
    return [`- \`${type}\`${comesBack}: ${fidelity.lost}`];
  });
  return ['', `### ${title}`, ...lines];
}
