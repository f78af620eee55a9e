import { Module, type DynamicModule } from '@nestjs/common';
import { AgentOsController } from './agent-os.controller.ts';
import { EventsController } from './events.controller.ts';
import { Intake } from './intake.ts';
import { RedactionController, RedactionParts } from './redaction.controller.ts';
import { TokenBuckets } from './token-buckets.ts';

@Module({})
export class IngestModule {
  static with(intake: Intake, agentOsRate: TokenBuckets, redaction: RedactionParts): DynamicModule {
    return {
      module: IngestModule,
      controllers: [AgentOsController, EventsController, RedactionController],
      providers: [
        { provide: Intake, useValue: intake },
        { provide: TokenBuckets, useValue: agentOsRate },
        { provide: RedactionParts, useValue: redaction },
      ],
    };
  }
}
