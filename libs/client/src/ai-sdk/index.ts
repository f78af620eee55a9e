export { runcastTelemetry, type RuncastTelemetryOptions } from './telemetry.ts';
