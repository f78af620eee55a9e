// Imports that the import law must reject, and some that it must not: the control of the lint. Each is added to a file
// that really exists, so that the rule sees it as it sees any other line.
const MUST_REJECT = [
  ['libs/run-events/src/event.ts', "import '@runcast/event-log';", 'the contract imports an adapter'],
  ['libs/run-events/src/event.ts', "import 'zod';", 'the contract imports a library'],
  ['libs/dialects/src/index.ts', "import '@runcast/read-models';", 'a dialect imports an adapter'],
  ['libs/event-log/src/index.ts', "import '@runcast/read-models';", 'an adapter imports another'],
  ['libs/event-log/src/index.ts', "import 'pg';", 'event-log imports Postgres'],
  ['libs/read-models/src/index.ts', "import '@nats-io/jetstream';", 'read-models imports NATS'],
  ['libs/service-host/src/index.ts', "import '@nats-io/transport-node';", 'service-host imports NATS'],
  ['libs/client/src/index.ts', "import '@nats-io/transport-node';", 'the client imports NATS'],
  ['libs/agent-commands/src/index.ts', "import '@runcast/event-log';", 'commands import the log'],
  ['apps/ingest-gateway/src/main.ts', "import 'typeorm';", 'an app imports TypeORM'],
  ['apps/ingest-gateway/src/main.ts', "import '../../cli/src/errors.ts';", 'an app reaches into another'],
  ['apps/ingest-gateway/src/main.ts', "import '@runcast/test-harness';", 'an app imports the test harness'],
  ['apps/cli/src/main.ts', "import '@runcast/test-harness';", 'the cli imports the test harness'],
];
const MUST_ACCEPT = [
  ['libs/dialects/src/index.ts', "import '@runcast/run-events';"],
  ['libs/event-log/src/index.ts', "import '@nats-io/jetstream';"],
  ['libs/agent-commands/src/index.ts', "import '@nats-io/transport-node';"],
  ['libs/read-models/src/index.ts', "import 'pg';"],
  ['apps/cli/src/main.ts', "import '@runcast/local-backends';"],
];
const LAW_RULES = ['@nx/enforce-module-boundaries', 'no-restricted-imports'];

/** Runs the controls and says which of them the lint got wrong. */
export async function lawProblems(lintText) {
  const rejected = await Promise.all(
    MUST_REJECT.map(async ([file, line, why]) =>
      (await breaksLaw(lintText, file, line)) ? [] : [`accepted although ${why}: ${line} in ${file}`],
    ),
  );
  const accepted = await Promise.all(
    MUST_ACCEPT.map(async ([file, line]) =>
      (await breaksLaw(lintText, file, line)) ? [`rejected: ${line} in ${file}`] : [],
    ),
  );
  return [...rejected, ...accepted].flat();
}

async function breaksLaw(lintText, filePath, line) {
  const [{ messages }] = await lintText(`${line}\n`, { filePath });
  return messages.some(({ ruleId, severity }) => severity === 2 && LAW_RULES.includes(ruleId));
}
