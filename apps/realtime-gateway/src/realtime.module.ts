import { Module, type DynamicModule } from '@nestjs/common';
import { PageKeys } from './rest/page-keys.ts';
import { Reads } from './rest/reads.ts';
import { RunsController } from './rest/runs.controller.ts';
import { SessionsController } from './rest/sessions.controller.ts';
import { Feeds } from './stream/feeds.ts';
import { StreamsController } from './stream/streams.controller.ts';
import { LiveSessionController, LiveSessionLimit } from './vendors/zihin/live-session.controller.ts';
import { VectaraEventsController } from './vendors/vectara/events.controller.ts';

export interface RealtimeParts {
  readonly feeds: Feeds;
  readonly reads: Reads;
  readonly pageKeys: PageKeys;
  readonly liveSessionLimit: LiveSessionLimit;
}

@Module({})
export class RealtimeModule {
  static with(parts: RealtimeParts): DynamicModule {
    return {
      module: RealtimeModule,
      controllers: [
        RunsController,
        SessionsController,
        StreamsController,
        LiveSessionController,
        VectaraEventsController,
      ],
      providers: [
        { provide: Feeds, useValue: parts.feeds },
        { provide: Reads, useValue: parts.reads },
        { provide: PageKeys, useValue: parts.pageKeys },
        { provide: LiveSessionLimit, useValue: parts.liveSessionLimit },
      ],
    };
  }
}
