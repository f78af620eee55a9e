import { runService } from '@runcast/service-host';
import { configSchema } from './config.ts';
import { startIngest } from './start-ingest.ts';

await runService({ name: 'ingest-gateway', schema: configSchema, start: startIngest });
