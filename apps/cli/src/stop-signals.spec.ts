import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { onStopRequest } from './stop-signals.ts';

describe('onStopRequest', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  function listen(): { host: EventEmitter; calls: string[] } {
    jest.useFakeTimers();
    const host = new EventEmitter();
    const calls: string[] = [];
    onStopRequest(
      host as NodeJS.Process,
      (why) => calls.push(why),
      () => calls.push('again'),
    );
    return { host, calls };
  }

  it('takes one Ctrl-C that arrives by several ways for one', () => {
    const { host, calls } = listen();
    host.emit('SIGINT');
    host.emit('SIGINT');
    jest.advanceTimersByTime(900);
    host.emit('SIGTERM');
    expect(calls).toEqual(['SIGINT']);
  });

  it('hears the second press', () => {
    const { host, calls } = listen();
    host.emit('SIGINT');
    jest.advanceTimersByTime(1_100);
    host.emit('SIGINT');
    expect(calls).toEqual(['SIGINT', 'again']);
  });

  it('stops when whoever started it is gone', () => {
    const { host, calls } = listen();
    host.emit('disconnect');
    expect(calls).toEqual(['the end of npm start']);
  });
});
