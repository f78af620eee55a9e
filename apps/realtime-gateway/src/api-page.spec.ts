import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { RequestMethod, type Type } from '@nestjs/common';
import { RealtimeModule, type RealtimeParts } from './realtime.module.ts';
import type { Feeds } from './stream/feeds.ts';
import { socketRoutes } from './stream/socket-routes.ts';
import { workflowSocket, type WorkflowSocketParts } from './vendors/lyzr-workflow/workflow-socket.ts';

/** `GET /v1/runs/:run` and so on, as Nest will serve them. */
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
  const headings = [...text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading!);
  return headings.flatMap((heading) => [...heading.matchAll(/`([A-Z]+ \/[^`]*)`/g)].map(([, address]) => address!));
}

describe('docs/api.md', () => {
  const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const { controllers = [] } = RealtimeModule.with({} as RealtimeParts);
  const sockets = socketRoutes({} as Feeds, workflowSocket({} as WorkflowSocketParts)).map(
    ({ pattern }) => `WS ${pattern}`,
  );
  const served = [...routesOf(controllers), ...sockets].sort();

  it('has exactly the addresses that the realtime gateway serves', () => {
    expect(documented(page, 'Realtime gateway').sort()).toEqual(served);
  });

  it('would be found out for an address that is missing', () => {
    const without = page.replace('### `GET /v1/sessions`\n', '');
    expect(documented(without, 'Realtime gateway').sort()).not.toEqual(served);
  });
});
