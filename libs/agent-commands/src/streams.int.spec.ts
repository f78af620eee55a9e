import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { testBackends } from '@runcast/test-harness';
import { Messaging } from './messaging.ts';
import { ReplayMarks } from './replay-marks.ts';
import { WorkflowQueue } from './workflow-queue.ts';

describe('the streams for commands', () => {
  it.each([
    ['the workflow queue', (messaging: Messaging) => WorkflowQueue.open(messaging)],
    ['the replay marks', (messaging: Messaging) => ReplayMarks.open(messaging)],
  ])('%s asks the server for as many copies as are set', async (_, open) => {
    const namespace = randomBytes(6).toString('hex');
    const connect = (replicas: number) =>
      Messaging.connect({ servers: testBackends().natsUrl, clientName: 'spec', namespace, replicas });
    const [three, one] = [await connect(3), await connect(1)];
    // A server on its own cannot hold three: that it refuses shows that it was asked.
    await expect(open(three)).rejects.toThrow('replicas > 1 not supported in non-clustered mode');
    await expect(open(one)).resolves.toBeDefined();
    await Promise.all([three.close(), one.close()]);
  });
});
