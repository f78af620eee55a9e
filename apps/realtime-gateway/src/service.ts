import { runService } from '@runcast/service-host';
import { schema } from './config.ts';
import { startRealtime } from './start-realtime.ts';

await runService({ name: 'realtime-gateway', schema, start: startRealtime });
