import { Module, type DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AuditController } from './admin/audit.controller.ts';
import { ErasuresController } from './admin/erasures.controller.ts';
import { HoldsController } from './admin/holds.controller.ts';
import { ApiKeys } from '@runcast/read-models';
import { KeysController } from './access/keys.controller.ts';
import { TicketOffice } from './access/ticket-office.ts';
import { TicketsController } from './access/tickets.controller.ts';
import { ViewsController } from './access/views.controller.ts';
import { ChangesController } from './changes/changes.controller.ts';
import { RunChanges } from './changes/run-changes.ts';
import { serveConsole } from './console/console-files.ts';
import { ExportsController } from './rest/exports.controller.ts';
import { PageKeys } from './rest/page-keys.ts';
import { HumanInputController } from './rest/human-input.controller.ts';
import { OverviewController } from './rest/overview.controller.ts';
import { Reads } from './rest/reads.ts';
import { RunsController } from './rest/runs.controller.ts';
import { SessionsController } from './rest/sessions.controller.ts';
import { Feeds } from './stream/feeds.ts';
import { StreamsController } from './stream/streams.controller.ts';
import { AgUiController } from './vendors/ag-ui/ag-ui.controller.ts';
import { AgentRuns } from './vendors/agent-runs.ts';
import { AnswerLimit } from './vendors/answer-limit.ts';
import { InferenceController } from './vendors/lyzr-agent/inference.controller.ts';
import { WorkflowsController } from './vendors/lyzr-workflow/workflows.controller.ts';
import { Recorder } from './vendors/recorder.ts';
import { VectaraChangesController } from './vendors/vectara/changes.controller.ts';
import { VectaraEventsController } from './vendors/vectara/events.controller.ts';
import { VectaraInputController } from './vendors/vectara/input.controller.ts';
import { takeTrailingSlashes } from './vendors/trailing-slashes.ts';
import { speakVendorErrors } from './vendors/vendor-errors.ts';
import { AgentStreamController } from './vendors/zihin/agent-stream.controller.ts';
import { CancelController } from './vendors/zihin/cancel.controller.ts';
import { LiveSessionController, LiveSessionLimit } from './vendors/zihin/live-session.controller.ts';

export interface RealtimeParts {
  readonly feeds: Feeds;
  readonly office: TicketOffice;
  readonly keys: ApiKeys;
  readonly reads: Reads;
  readonly changes: RunChanges;
  readonly pageKeys: PageKeys;
  readonly runs: AgentRuns;
  readonly recorder: Recorder;
  readonly answerLimit: AnswerLimit;
  readonly liveSessionLimit: LiveSessionLimit;
}

@Module({})
export class RealtimeModule {
  constructor(host: HttpAdapterHost) {
    // Here and not later: a hook applies to the routes that are made after it.
    const fastify = host.httpAdapter.getInstance<FastifyInstance>();
    takeTrailingSlashes(fastify);
    speakVendorErrors(fastify);
    serveConsole(fastify);
  }

  static with(parts: RealtimeParts): DynamicModule {
    return {
      module: RealtimeModule,
      controllers: [
        RunsController,
        SessionsController,
        HumanInputController,
        OverviewController,
        ChangesController,
        ExportsController,
        StreamsController,
        TicketsController,
        ViewsController,
        KeysController,
        ErasuresController,
        HoldsController,
        AuditController,
        AgUiController,
        AgentStreamController,
        CancelController,
        LiveSessionController,
        InferenceController,
        WorkflowsController,
        VectaraEventsController,
        VectaraInputController,
        VectaraChangesController,
      ],
      providers: [
        { provide: Feeds, useValue: parts.feeds },
        { provide: TicketOffice, useValue: parts.office },
        { provide: ApiKeys, useValue: parts.keys },
        { provide: Reads, useValue: parts.reads },
        { provide: RunChanges, useValue: parts.changes },
        { provide: PageKeys, useValue: parts.pageKeys },
        { provide: AgentRuns, useValue: parts.runs },
        { provide: Recorder, useValue: parts.recorder },
        { provide: AnswerLimit, useValue: parts.answerLimit },
        { provide: LiveSessionLimit, useValue: parts.liveSessionLimit },
      ],
    };
  }
}
