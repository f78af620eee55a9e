import { isDialectName, isId, isJsonObject, parseJson, type DialectName, type JsonObject } from '@runcast/run-events';

/** A request to run an agent, or a workflow. */
export interface AgentCommand {
  /** The same id twice is the same command. */
  readonly id: string;
  readonly tenant: string;
  /** The agent to run; of a workflow its flow. */
  readonly agent: string;
  /** Chosen by who asks, so that the run can be watched before it has begun. Every event of it must name it. */
  readonly run: string;
  readonly session?: string;
  readonly flow?: string;
  /** The wire format in which it was asked for. */
  readonly dialect: DialectName;
  /** What is said to the agent, as plain text; empty where the format has no message. */
  readonly message: string;
  /** The whole request as its format has it. */
  readonly input: JsonObject;
  /** The span of whoever asked for it, as a W3C header, where it was traced. Travels in the message's header. */
  readonly traceparent?: string | undefined;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a command back; `undefined` for what is none. */
export function readCommand(data: Uint8Array, traceparent?: string): AgentCommand | undefined {
  const body = readJson(data);
  if (body === undefined) return undefined;
  const named = [body['id'], body['tenant'], body['agent'], body['run']].every(isId);
  const linked = [body['session'], body['flow']].every((value) => value === undefined || isId(value));
  const said = typeof body['message'] === 'string' && isJsonObject(body['input']) && isDialectName(body['dialect']);
  if (!named || !linked || !said) return undefined;
  return { ...(body as unknown as AgentCommand), ...(traceparent !== undefined && { traceparent }) };
}

/** The JSON object that a message holds; `undefined` when it holds none. Never throws. */
export function readJson(data: Uint8Array): JsonObject | undefined {
  try {
    const parsed = parseJson(strictUtf8.decode(data));
    return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}
