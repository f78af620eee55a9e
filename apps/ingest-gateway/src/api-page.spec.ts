import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { RequestMethod, type Type } from '@nestjs/common';
import { openDatabase } from '@runcast/read-models';
import { Redactor } from '@runcast/redaction';
import { IngestModule } from './ingest.module.ts';
import { Intake } from './intake.ts';
import { RedactionParts } from './redaction.controller.ts';
import { LeasedBuckets } from '@runcast/service-host';

/** `POST /v1/events` and so on, as Nest will serve them. */
function routesOf(controllers: readonly Type[]): string[] {
  return controllers.flatMap((controller) => {
    const base = Reflect.getMetadata('path', controller) as string;
    const handlers = Object.values(Object.getOwnPropertyDescriptors(controller.prototype as object));
    return handlers.flatMap(({ value }: { value?: object }) => {
      const method = value && (Reflect.getMetadata('method', value) as RequestMethod | undefined);
      if (method === undefined) return [];
      const path = [base, Reflect.getMetadata('path', value!) as string].join('/').split('/').filter(Boolean);
      return [`${RequestMethod[method]} /${path.join('/')}`];
    });
  });
}

/** The addresses in the headings of one section of the page. */
function documented(page: string, section: string): string[] {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  return [...text.matchAll(/^### `([A-Z]+ \/[^`]*)`$/gm)].map(([, address]) => address!);
}

describe('docs/api.md', () => {
  const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const redactorOf = () => new Redactor();
  const { controllers = [] } = IngestModule.with(
    new Intake({ append: () => Promise.resolve([]) }, redactorOf),
    new LeasedBuckets(0, () => Promise.reject(new Error('no store'))),
    new RedactionParts(redactorOf, openDatabase({ databaseUrl: '', applicationName: 'spec' })),
  );
  const served = routesOf(controllers).sort();

  it('has exactly the addresses that the ingest gateway serves', () => {
    expect(documented(page, 'Ingest gateway').sort()).toEqual(served);
  });

  it('would be found out for an address that is missing', () => {
    const without = page.replace('### `POST /api/ingest`\n', '');
    expect(documented(without, 'Ingest gateway').sort()).not.toEqual(served);
  });
});
