import { mkdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { obtainNatsServer } from '@runcast/local-backends';
import { waitFor } from '@runcast/test-harness';
import type { ClusterNetwork } from './cluster-network.ts';
import { canUseNamespaces, namespaces } from './namespaces.ts';
import { NatsNode } from './nats-node.ts';
import { proxiedRoutes } from './proxied-routes.ts';
import type { RunFolder } from './run-folder.ts';

export interface NatsClusterOptions {
  readonly folder: RunFolder;
  readonly env: NodeJS.ProcessEnv;
  readonly syncAlways?: boolean;
  /** Where the nodes store, in the run's folder. Another cluster of the same run needs another. */
  readonly store?: string;
  /** Gives the last node a small disk, where we may mount one. */
  readonly smallDisk?: boolean;
}

const NODES = 3;
/** Room for the log of a whole run and its Raft log, and little enough to be filled in a moment. */
const SMALL_DISK = '3g';
const HEALTHY_MS = 60_000;

interface StreamsAnswer {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly { readonly name: string; readonly cluster?: { readonly leader?: string } }[];
  }[];
}

/** Three nodes that replicate every stream. */
export class NatsCluster {
  private constructor(
    readonly nodes: readonly NatsNode[],
    readonly network: ClusterNetwork,
    /** The node whose disk is small; absent where we may not mount one. */
    readonly smallDisk: NatsNode | undefined,
  ) {}

  static async start(options: NatsClusterOptions): Promise<NatsCluster> {
    const { folder, env, syncAlways = true, store = 'nats' } = options;
    const { path: binary } = await obtainNatsServer({ home: folder.path, env, report: () => undefined });
    const isRoot = canUseNamespaces();
    const network = isRoot ? await namespaces(NODES, folder) : await proxiedRoutes(NODES);
    const nodes = Array.from({ length: NODES }, (_, index) => {
      const storeDir = folder.file(store, `n${index}`);
      return new NatsNode({ binary, index, network, folder, storeDir, syncAlways });
    });
    const smallDisk = isRoot && options.smallDisk !== false ? nodes[NODES - 1] : undefined;
    if (smallDisk) mountSmallDisk(smallDisk.storeDir, folder);
    await Promise.all(nodes.map((node) => node.start()));
    const cluster = new NatsCluster(nodes, network, smallDisk);
    await cluster.whenHealthy();
    return cluster;
  }

  /** `host:port` of each node for its clients. */
  get clientAddresses(): readonly string[] {
    return this.network.clients;
  }

  get urls(): string {
    return this.clientAddresses.map((address) => `nats://${address}`).join(',');
  }

  /** Resolves when every node has caught up and one leads. */
  async whenHealthy(): Promise<void> {
    const all = async (): Promise<boolean> =>
      (await Promise.all(this.nodes.map((node) => node.healthy()))).every(Boolean);
    await waitFor(all, { timeoutMs: HEALTHY_MS, describe: 'all NATS nodes have caught up' });
  }

  /** The node that leads the log's stream of that shard now, as the others see it too. */
  async leader(shard = 0): Promise<NatsNode> {
    const stream = `EVENTS-${shard}`;
    const name = await waitFor(() => this.leaderName(stream), { describe: `a leader of ${stream}` });
    return this.nodes.find((node) => node.name === name)!;
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await this.network.close();
    if (this.smallDisk) execFileSync('umount', [this.smallDisk.storeDir]);
  }

  private async leaderName(stream: string): Promise<string | undefined> {
    for (const node of this.nodes) {
      const answer = (await node.ask('/jsz?streams=true')) as StreamsAnswer | undefined;
      const details = answer?.account_details?.flatMap((account) => account.stream_detail ?? []) ?? [];
      const leader = details.find((each) => each.name === stream)?.cluster?.leader;
      if (leader) return leader;
    }
    return undefined;
  }
}

function mountSmallDisk(path: string, folder: RunFolder): void {
  mkdirSync(path, { recursive: true });
  folder.recordUndo('umount', path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK}`, 'runcast-chaos', path]);
}
