import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, launch } from '@runcast/local-backends';
import { waitFor } from '@runcast/test-harness';

export interface Nchan {
  readonly port: number;
  /** Of the one worker, which does all the work. */
  readonly workerPid: number;
  stop(): Promise<void>;
}

const NGINX = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'];
const MODULES = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules', '/usr/share/nginx/modules'];

/** nginx with its pub/sub module, one worker, messages in memory only; `undefined` when the machine has none. */
export async function startNchan(
  folder: string,
  childrenOf: (pid: number) => number[],
  onSpawn: (pid: number) => void,
): Promise<Nchan | undefined> {
  const nginx = NGINX.find((path) => existsSync(path));
  const module = MODULES.map((path) => join(path, 'ngx_nchan_module.so')).find((path) => existsSync(path));
  if (nginx === undefined || module === undefined) return undefined;
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, module, port));
  const args = ['-c', file, '-p', folder, '-e', join(folder, 'error.log')];
  const server = await launch({ command: nginx, args, logFile: join(folder, 'nginx.log') });
  onSpawn(server.pid);
  await waitFor(() => accepts(port), { describe: 'nginx with nchan listens' });
  const [workerPid] = childrenOf(server.pid);
  return {
    port,
    workerPid: workerPid!,
    async stop() {
      await server.stop('SIGTERM', 5_000);
    },
  };
}

function configuration(folder: string, module: string, port: number): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
load_module ${module};
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${join(folder, 'nginx.pid')};
events { worker_connections 18000; }
http {
  ${paths.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n  ')}
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000;
  nchan_shared_memory_size 256M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /pub { nchan_publisher http; nchan_channel_id bench; nchan_message_buffer_length 1000; }
    location = /sub {
      nchan_subscriber websocket eventsource;
      nchan_channel_id bench;
      nchan_subscriber_first_message newest;
    }
  }
}
`;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
