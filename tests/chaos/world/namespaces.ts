import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { CLIENT_PORT, MONITORING_PORT, PEER_PORT, type ClusterNetwork, type NodeAddress } from './cluster-network.ts';
import type { RunFolder } from './run-folder.ts';

const run = promisify(execFile);
const ip = (...args: string[]): Promise<unknown> => run('ip', args);

/** Whether namespaces can be had: only root may make them. */
export function canUseNamespaces(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && ['/usr/sbin/ip', '/sbin/ip'].some(existsSync);
}

type Side = 'peers' | 'clients';

/**
 * A namespace per node, with a link to a bridge for its peers and another to one for its clients. A link that is taken
 * down loses packets silently, as a dead switch does.
 *
 * The peers' bridge stands in a namespace of its own: what a bridge of the host forwards passes the host's firewall, and
 * where Docker has been started that drops everything it does not know.
 */
export async function namespaces(nodes: number, folder: RunFolder): Promise<ClusterNetwork> {
  // Interface names have 15 characters at most, and another run may have its own bridges.
  const mark = (process.pid % 46_656).toString(36);
  const third = process.pid % 250;
  const subnet = (side: Side): string => `10.${side === 'peers' ? 213 : 214}.${third}`;
  const bridge = (side: Side): string => `rc${mark}${side[0]!}`;
  const link = (side: Side, node: number): string => `rc${mark}${side[0]!}${node}`;
  const name = (node: number | 'switch'): string => `runcast-${mark}-${node}`;
  /** `ip` where the bridge of that side stands. */
  const ipOf = (side: Side, ...args: string[]): Promise<unknown> =>
    side === 'peers' ? ip('-n', name('switch'), ...args) : ip(...args);
  const address = (side: Side, node: number): string => `${subnet(side)}.${node + 1}`;

  const addSwitch = async (): Promise<void> => {
    folder.recordUndo('ip', 'netns', 'delete', name('switch'));
    await ip('netns', 'add', name('switch'));
    folder.recordUndo('ip', 'link', 'delete', bridge('clients'));
  };
  const addBridge = async (side: Side): Promise<void> => {
    await ipOf(side, 'link', 'add', bridge(side), 'type', 'bridge');
    if (side === 'clients') await ip('address', 'add', `${subnet(side)}.254/24`, 'dev', bridge(side));
    await ipOf(side, 'link', 'set', bridge(side), 'up');
  };
  const addLink = async (side: Side, node: number): Promise<void> => {
    const inside = `${side}0`;
    await ipOf(side, 'link', 'add', link(side, node), 'type', 'veth', 'peer', 'name', inside, 'netns', name(node));
    await ip('-n', name(node), 'address', 'add', `${address(side, node)}/24`, 'dev', inside);
    await ip('-n', name(node), 'link', 'set', inside, 'up');
    await ipOf(side, 'link', 'set', link(side, node), 'master', bridge(side), 'up');
  };
  const addNamespace = async (node: number): Promise<void> => {
    folder.recordUndo('ip', 'netns', 'delete', name(node));
    await ip('netns', 'add', name(node));
    await ip('-n', name(node), 'link', 'set', 'lo', 'up');
    for (const side of ['peers', 'clients'] as const) await addLink(side, node);
  };
  const addressOf = (node: number): NodeAddress => ({
    peers: `${address('peers', node)}:${PEER_PORT}`,
    clients: `${address('clients', node)}:${CLIENT_PORT}`,
    monitoring: `${address('clients', node)}:${MONITORING_PORT}`,
  });

  await addSwitch();
  for (const side of ['peers', 'clients'] as const) await addBridge(side);
  for (let node = 0; node < nodes; node += 1) await addNamespace(node);
  const addresses = Array.from({ length: nodes }, (_, node) => addressOf(node));
  return {
    kind: 'network namespaces',
    listen: addresses,
    clients: addresses.map(({ clients }) => clients),
    route: (_from, to) => addresses[to]!.peers,
    enter: (node) => ['ip', 'netns', 'exec', name(node)],
    async isolate(node, from) {
      await ipOf('peers', 'link', 'set', link('peers', node), 'down');
      if (from === 'all') await ipOf('clients', 'link', 'set', link('clients', node), 'down');
    },
    async heal(node) {
      for (const side of ['peers', 'clients'] as const) await ipOf(side, 'link', 'set', link(side, node), 'up');
    },
    async close() {
      for (let node = 0; node < nodes; node += 1) await ip('netns', 'delete', name(node)).catch(() => undefined);
      await ip('netns', 'delete', name('switch')).catch(() => undefined);
      await ip('link', 'delete', bridge('clients')).catch(() => undefined);
    },
  };
}
