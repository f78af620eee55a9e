import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { Open } from './access.ts';
import { Readiness } from './health.ts';
import { createHttpApp } from './http-app.ts';
import { createLogger } from './logger.ts';

@Controller()
class PlainController {
  @Get('plain')
  @Open()
  plain() {
    return {};
  }
}

@Controller()
class CheckedController {
  @Get('checked')
  @RouteSchema({ querystring: { type: 'object' } })
  @Open()
  checked() {
    return {};
  }
}

function appWith(controller: new () => object) {
  @Module({ controllers: [controller] })
  class AppModule {}
  const logger = createLogger({ service: 'spec', level: 'error', destination: { write: () => undefined } });
  return createHttpApp(AppModule, { service: 'spec', version: '1', logger, readiness: new Readiness() });
}

describe('a schema of Fastify', () => {
  it('is refused at the start: what compiles it is hundreds of modules that no service loads', async () => {
    await expect(appWith(CheckedController)).rejects.toThrow('bodies and queries are read with zod');
  });

  it('is missed by no route without one', async () => {
    const app = await appWith(PlainController);
    await app.close();
  });
});
