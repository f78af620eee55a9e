export { RecordingGateway, type Answer, type ReceivedRequest } from './recording-gateway.ts';
