// One docker compose project of its own name and ports, beside whatever else runs.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { docker } from './docker.mjs';

const PORTS = { RUNCAST_INGEST_PORT: '18080', RUNCAST_REALTIME_PORT: '18081' };
export const REALTIME = `http://127.0.0.1:${PORTS.RUNCAST_REALTIME_PORT}`;
const SCALE = { 'ingest-gateway': 2, projector: 2, 'realtime-gateway': 2 };
const UP_SECONDS = 240;
const RUN_MS = 120_000;

export class Composition {
  #environment = { ...PORTS, COMPOSE_PROJECT_NAME: `runcast-check-${randomUUID().slice(0, 8)}` };
  #options;

  constructor(options = []) {
    this.#options = options;
  }

  /** Resolves when every service is healthy, two replicas of each. */
  up() {
    const scale = Object.entries(SCALE).flatMap(([service, count]) => ['--scale', `${service}=${count}`]);
    this.compose('up', '--no-build', '--detach', '--wait', '--wait-timeout', String(UP_SECONDS), ...scale);
  }

  /** The newest finished run, asked for as a user would. */
  async firstRun() {
    const key = this.compose('logs', '--no-log-prefix', '--no-color', 'demo-key').trim().split('\n').at(-1);
    const deadline = performance.now() + RUN_MS;
    let seen = 'no answer';
    while (performance.now() < deadline) {
      const response = await fetch(`${REALTIME}/v1/runs?limit=20`, { headers: { authorization: `Bearer ${key}` } });
      seen = await response.text();
      const finished = response.ok && JSON.parse(seen).runs?.find(({ status }) => status === 'success');
      if (finished) return finished;
      await delay(500);
    }
    throw new Error(`no finished run within ${RUN_MS / 1000} s; the list was: ${seen.slice(0, 500)}`);
  }

  /** Ends the services as a deployment does, and tells which did not end by themselves, with 0. */
  stopProblems() {
    const services = Object.keys(SCALE);
    this.compose('stop', ...services, 'demo-agent');
    const ids = this.compose('ps', '--all', '--quiet', ...services, 'demo-agent')
      .trim()
      .split('\n');
    const ended = JSON.parse(docker(['inspect', ...ids]));
    return ended
      .filter(({ State }) => State.ExitCode !== 0)
      .map(({ Name, State }) => `${Name} ended with ${State.ExitCode}`);
  }

  logs() {
    return this.compose('logs', '--no-color', '--tail', '40');
  }

  down() {
    this.compose('--profile', '*', 'down', '--volumes', '--timeout', '5');
  }

  compose(...args) {
    return docker(['compose', ...this.#options, ...args], this.#environment);
  }
}
