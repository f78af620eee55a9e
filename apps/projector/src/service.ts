import { runService } from '@runcast/service-host';
import { configSchema } from './config.ts';
import { startProjector } from './start-projector.ts';

await runService({ name: 'projector', schema: configSchema, start: startProjector });
