import { startTcpProxy, type TcpProxy } from '@runcast/test-harness';
import type { ClusterNetwork, NodeAddress } from './cluster-network.ts';
import { quietPort } from './quiet-port.ts';

/** For machines where we are not root: nodes on the loopback whose routes pass through proxies that can hold all bytes. */
export async function proxiedRoutes(nodes: number): Promise<ClusterNetwork> {
  const addresses: NodeAddress[] = [];
  const clients: TcpProxy[] = [];
  const peerPorts: number[] = [];
  for (let node = 0; node < nodes; node += 1) {
    const [peers, own, monitoring] = [await quietPort(), await quietPort(), await quietPort()];
    peerPorts.push(peers);
    clients.push(await startTcpProxy(`127.0.0.1:${own}`));
    addresses.push({
      peers: `127.0.0.1:${peers}`,
      clients: `127.0.0.1:${own}`,
      monitoring: `127.0.0.1:${monitoring}`,
    });
  }
  const routes = new Map<string, TcpProxy>();
  for (let from = 0; from < nodes; from += 1) {
    for (let to = 0; to < nodes; to += 1) {
      if (from !== to) routes.set(`${from}>${to}`, await startTcpProxy(`127.0.0.1:${peerPorts[to]!}`));
    }
  }
  const routesOf = (node: number): TcpProxy[] =>
    [...routes].filter(([name]) => name.split('>').includes(String(node))).map(([, proxy]) => proxy);
  return {
    kind: 'proxies that hold all bytes back (not root)',
    listen: addresses,
    clients: clients.map(({ port }) => `127.0.0.1:${port}`),
    route: (from, to) => `127.0.0.1:${routes.get(`${from}>${to}`)!.port}`,
    enter: () => [],
    isolate: (node, from) => {
      for (const proxy of [...routesOf(node), ...(from === 'all' ? [clients[node]!] : [])]) proxy.pause();
      return Promise.resolve();
    },
    heal: (node) => {
      for (const proxy of [...routesOf(node), clients[node]!]) proxy.resume();
      return Promise.resolve();
    },
    close: async () => {
      await Promise.all([...clients, ...routes.values()].map((proxy) => proxy.close()));
    },
  };
}
