import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Message, Methods, Question, Usage } from './serve.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A part of the benchmark in a process of its own: a load must not take processor time from what it measures. */
export class Program<M extends Methods> {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private onNews: (value: unknown) => void = () => undefined;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message: Message) => this.take(message));
    child.on('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`a program ended (${code ?? signal})`));
      this.waiting.clear();
    });
  }

  /** `path` as from the folder of the benchmark, e.g. `load/watchers`. */
  static async start<M extends Methods>(path: string): Promise<Program<M>> {
    const file = fileURLToPath(new URL(`../${path}.js`, import.meta.url));
    const child = fork(file, { execArgv: ['--enable-source-maps'], serialization: 'advanced' });
    await once(child, 'spawn');
    return new Program<M>(child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  call<K extends keyof M & string>(method: K, argument: Parameters<M[K]>[0]): Promise<Awaited<ReturnType<M[K]>>> {
    return this.ask(method, argument) as Promise<Awaited<ReturnType<M[K]>>>;
  }

  /** What it has used since it was last asked. */
  usage(): Promise<Usage> {
    return this.ask('usage', undefined) as Promise<Usage>;
  }

  /** Takes what the program tells unasked; whoever asked for it before gets nothing more. */
  listen(onNews: (value: unknown) => void): void {
    this.onNews = onNews;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  private ask(method: string, argument: unknown): Promise<unknown> {
    const id = (this.lastId += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, method, argument } satisfies Question, (error) => error && reject(error));
    });
  }

  private take(message: Message): void {
    if (message.kind === 'news') return this.onNews(message.value);
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.reason));
  }
}
