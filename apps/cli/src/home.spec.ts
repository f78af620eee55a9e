import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { processIdentity } from '@runcast/local-backends';
import { lockHome } from './home-lock.ts';
import { Home } from './home.ts';
import { ProcessList, stopOrphans } from './process-list.ts';

describe('the home', () => {
  let home: Home;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    home = new Home(mkdtempSync(join(tmpdir(), 'runcast-home-')));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(home.folder, { recursive: true });
  });
  async function startChild(): Promise<number> {
    const program = "setInterval(() => {}, 1000); console.log('up')";
    child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child!.stdout!.once('data', resolve));
    return child.pid!;
  }

  it('keeps secrets from other users', () => {
    home.write('demoKey', 'rck_secret');
    expect(statSync(home.path('demoKey')).mode & 0o777).toBe(0o600);
    expect(home.read('demoKey')).toBe('rck_secret');
  });

  it('is reset of all that Runcast made and of nothing else', async () => {
    home.write('demoKey', 'rck_secret');
    writeFileSync(home.logFile('nats'), 'a line');
    writeFileSync(join(home.folder, 'notes of the user'), 'keep me');
    const lock = lockHome(home);
    await home.reset();
    expect(readdirSync(home.folder).sort()).toEqual(['lock', 'notes of the user']);
    lock.release();
  });

  it('moves a log aside that has grown large', () => {
    const file = home.logFile('ingest');
    writeFileSync(file, '');
    truncateSync(file, 17 * 1024 * 1024);
    expect(home.logFile('ingest')).toBe(file);
    expect(existsSync(file)).toBe(false);
    expect(existsSync(`${file}.1`)).toBe(true);
  });

  describe('lock', () => {
    it('lets one launcher in at a time, and the next one when it has left', () => {
      const first = lockHome(home);
      expect(() => lockHome(home)).toThrow(`Runcast already runs on ${home.folder} (launcher pid ${process.pid})`);
      first.release();
      lockHome(home).release();
      expect(readdirSync(home.folder)).toEqual([]);
    });

    it('does not count when its launcher is gone, whoever has the pid now', () => {
      writeFileSync(home.path('lock'), JSON.stringify({ pid: process.pid, identity: 'an earlier process' }));
      const lock = lockHome(home);
      expect(JSON.parse(readFileSync(home.path('lock'), 'utf8'))).toMatchObject({ pid: process.pid });
      expect(() => lockHome(home)).toThrow('already runs');
      lock.release();
    });

    it('does not count when it cannot be read', () => {
      writeFileSync(home.path('lock'), '');
      lockHome(home).release();
    });
  });

  describe('process list', () => {
    it('lets the next launcher end what a killed one left behind', async () => {
      const pid = await startChild();
      new ProcessList(home).started('projector', pid);
      const lines: string[] = [];
      await stopOrphans(home, (line) => lines.push(line));
      expect(processIdentity(pid)).toBeUndefined();
      expect(lines).toEqual([`projector: ended process ${pid}, left over from a launcher that was killed`]);
      expect(existsSync(home.path('processes'))).toBe(false);
    });

    it('never ends a stranger who has a pid from the list now', async () => {
      const pid = await startChild();
      home.write('processes', JSON.stringify([{ name: 'projector', pid, identity: 'an earlier process' }]));
      const lines: string[] = [];
      await stopOrphans(home, (line) => lines.push(line));
      expect(processIdentity(pid)).toBeDefined();
      expect(lines).toEqual([]);
    });
  });
});
