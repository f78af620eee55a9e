import { Module, type DynamicModule } from '@nestjs/common';
import { LeasedBuckets } from '@runcast/service-host';
import { AgentOsController } from './agent-os.controller.ts';
import { EventsController } from './events.controller.ts';
import { Intake } from './intake.ts';
import { RedactionController, RedactionParts } from './redaction.controller.ts';

@Module({})
export class IngestModule {
  static with(intake: Intake, agentOsRate: LeasedBuckets, redaction: RedactionParts): DynamicModule {
    return {
      module: IngestModule,
      controllers: [AgentOsController, EventsController, RedactionController],
      providers: [
        { provide: Intake, useValue: intake },
        { provide: LeasedBuckets, useValue: agentOsRate },
        { provide: RedactionParts, useValue: redaction },
      ],
    };
  }
}
