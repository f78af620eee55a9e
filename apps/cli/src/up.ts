import { Home } from './home.ts';
import { lockHome } from './home-lock.ts';
import { Launcher } from './launcher.ts';
import { stopOrphans } from './process-list.ts';
import { progress } from './progress.ts';
import { onStopRequest } from './stop-signals.ts';
import { summary } from './summary.ts';
import { readUpConfig } from './up-config.ts';

export interface UpRequest {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly fresh: boolean;
  /** Whose signals are listened to, and where lines are printed. */
  readonly host: NodeJS.Process;
}

/**
 * Runs Runcast on this machine until it is asked to stop.
 *
 * @returns the exit code: 0 after an orderly stop, 1 when something did not come up.
 */
export async function up({ root, env, fresh, host }: UpRequest): Promise<number> {
  const config = readUpConfig(env, root);
  const home = new Home(config.home);
  const lock = lockHome(home);
  const report = progress(
    (text) => host.stdout.write(text),
    () => performance.now(),
  );
  try {
    await stopOrphans(home, report);
    if (fresh) {
      await home.reset();
      report(`${home.folder}: begins anew`);
    }
    return await runUntilStopped(new Launcher({ root, home, config, env, report }), report, host, (addresses) =>
      host.stdout.write(summary({ ...addresses, home: home.folder, demo: config.demo })),
    );
  } finally {
    lock.release();
  }
}

async function runUntilStopped(
  launcher: Launcher,
  report: (line: string) => void,
  host: NodeJS.Process,
  announce: (addresses: Awaited<ReturnType<Launcher['start']>>) => void,
): Promise<number> {
  const { promise: requested, resolve: request } = Promise.withResolvers<'requested'>();
  const stopped = requested.then(() => launcher.stop());
  onStopRequest(
    host,
    (why) => {
      report(`stopping (${why}); once more to kill everything at once`);
      request('requested');
    },
    () => launcher.kill(),
  );
  const started = launcher.start().then(announce);
  // After a request, the start fails because its parts are taken away: that is no news.
  const failure = await Promise.race([requested, started]).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  if (failure) {
    report(failure.message);
    await launcher.stop();
    return 1;
  }
  await stopped;
  await started.catch(() => undefined);
  report('stopped; the data stays');
  return 0;
}
