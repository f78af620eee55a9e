import { Controller, Get, HttpCode, Post, Put, Req, Res } from '@nestjs/common';
import { Redactor, readRules, type RedactionRules } from '@runcast/redaction';
import { readRedactionRules, writeRedactionRules, type Database } from '@runcast/read-models';
import { isJsonObject, memberText, parseJson, type FieldProblem, type JsonObject } from '@runcast/run-events';
import { principalOf, Problem, Requires, type RedactorOf } from '@runcast/service-host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAX_EVENT_BYTES } from './limits.ts';
import { unreadable } from './problems.ts';
import { bodyOf } from './request-facts.ts';

/** What the controller works with; a class, so that it can be injected. */
export class RedactionParts {
  constructor(
    readonly redactorOf: RedactorOf,
    readonly database: Database,
  ) {}
}

/** Shows and changes what is redacted before events are stored. */
@Controller('v1/redaction')
export class RedactionController {
  constructor(private readonly parts: RedactionParts) {}

  /** What would become of an event, by the tenant's rules or by those that are sent along. Nothing is stored. */
  @Post('preview')
  @HttpCode(200)
  @Requires('ingest', { bodyLimitBytes: MAX_EVENT_BYTES })
  preview(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const text = bodyOf(request);
    const body = readObject(text);
    const event = memberText(text, 'event');
    if (event === undefined) throw unreadable('any JSON value', 'nothing', 'event');
    const redactor =
      body['rules'] === undefined
        ? this.parts.redactorOf(principalOf(request).tenant)
        : new Redactor(rulesOf(body['rules'], 'rules.'));
    const redacted = redactor.json(event);
    // As text: parsing and writing it again would round its 20-digit numbers.
    void reply
      .type('application/json; charset=utf-8')
      .send(`{"event":${redacted.text},"redacted":${JSON.stringify(redacted.paths)}}`);
  }

  @Get('rules')
  @Requires('admin')
  async read(@Req() request: FastifyRequest) {
    const stored = await readRedactionRules(this.parts.database, principalOf(request).tenant);
    return { rules: stored?.rules ?? {}, changed_at: stored?.changedAt ?? null };
  }

  @Put('rules')
  @Requires('admin')
  async write(@Req() request: FastifyRequest) {
    const rules = rulesOf(readObject(bodyOf(request)), '');
    const stored = await writeRedactionRules(this.parts.database, principalOf(request).tenant, rules);
    return { rules: stored.rules, changed_at: stored.changedAt };
  }
}

function readObject(text: string): JsonObject {
  const parsed = parseJson(text);
  if (parsed.ok && isJsonObject(parsed.value)) return parsed.value;
  throw unreadable('a JSON object', parsed.ok ? undefined : parsed.detail);
}

function rulesOf(value: JsonObject[string], under: string): RedactionRules {
  const read = readRules(value);
  if (read.ok) return read.rules;
  const errors: FieldProblem[] = read.problems.map(({ field, expected }) => ({ field: under + field, expected }));
  const [first] = errors as [FieldProblem];
  const detail = `${first.field === '' ? 'The body' : first.field}: expected ${first.expected}.`;
  throw new Problem('invalid_request', { detail, errors });
}
