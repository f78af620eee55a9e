import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';

let under: GatewayUnderTest;
let admin: string;
beforeAll(async () => {
  under = await GatewayUnderTest.start();
  ({ key: admin } = await under.createKey({ scopes: ['admin'] }));
  await under.tell('r1', 'run.started', {}, { session: 's1', agent: 'a1' });
  await under.tell('r2', 'run.started', {}, { session: 's2', agent: 'a2' });
});
afterAll(() => under.close());

const status = async (path: string, key: string): Promise<number> => {
  const answer = await under.open('GET', path, undefined, key);
  await answer.body?.cancel();
  return answer.status;
};

describe('The keys of a tenant', () => {
  it('are made, listed without the key itself, used and revoked by its admin', async () => {
    const made = await under.send('POST', '/v1/keys', { name: 'ci', scopes: ['read'] }, admin);
    expect(made).toMatchObject({ status: 201, body: { key: expect.stringMatching(/^rck_/) } });
    const { id, key } = made.body as { id: string; key: string };
    await waitFor(async () => (await status('/v1/runs', key)) === 200, { describe: 'the key to be known' });
    const list = await under.send('GET', '/v1/keys', undefined, admin);
    expect(JSON.stringify(list.body)).toContain(id);
    expect(JSON.stringify(list.body)).not.toContain(key);
    expect((await under.send('DELETE', `/v1/keys/${id}`, undefined, admin)).status).toBe(204);
    expect((await under.send('DELETE', `/v1/keys/${id}`, undefined, admin)).status).toBe(404);
    await waitFor(async () => (await status('/v1/runs', key)) === 401, { describe: 'the key to be refused' });
  });

  it('are no business of another tenant, nor of a key without the scope or with limits', async () => {
    const { id } = await under.createKey();
    const rival = await under.createKey({ tenant: 'rival', scopes: ['admin'] });
    const limited = await under.createKey({ scopes: ['admin'], agents: ['a1'] });
    expect((await under.send('DELETE', `/v1/keys/${id}`, undefined, rival.key)).status).toBe(404);
    expect(JSON.stringify((await under.send('GET', '/v1/keys', undefined, rival.key)).body)).not.toContain(id);
    expect(await status('/v1/keys', limited.key)).toBe(403);
    expect(await status('/v1/keys', 'acme-key')).toBe(403);
  });

  it.each([
    [{}, 'name'],
    [{ name: 'x', scopes: [] }, 'scopes'],
    [{ name: 'x', scopes: ['root'] }, 'scopes.0'],
    [{ name: 'x', scopes: ['read'], agents: [] }, 'agents'],
  ])('are not made of %j', async (body, field) => {
    const answer = await under.send('POST', '/v1/keys', body, admin);
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: expect.arrayContaining([expect.objectContaining({ field })]) },
    });
  });
});

describe('A key that is limited to an agent', () => {
  let limited: string;
  beforeAll(async () => {
    ({ key: limited } = await under.createKey({ scopes: ['read', 'invoke'], agents: ['a1'] }));
  });

  it.each([
    ['/v1/runs?agent=a1', 200],
    ['/v1/runs?agent=a2', 403],
    ['/v1/runs', 403],
    ['/v1/runs/r1', 200],
    ['/v1/runs/r2', 403],
    ['/v1/runs/r1/events', 200],
    ['/v1/runs/r2/events', 403],
    ['/v1/runs/r1/stream', 200],
    ['/v1/runs/r2/stream', 403],
    ['/v1/runs/unknown/stream', 200],
    ['/v1/sessions/s1', 403],
  ])('gets %s with %i', async (path, expected) => {
    expect(await status(path, limited)).toBe(expected);
  });

  it('may start that agent only', async () => {
    const ask = (agent: string) => under.send('POST', '/v3/inference/chat', { agent_id: agent, message: 'x' }, limited);
    expect((await ask('a2')).status).toBe(403);
    // Nobody serves it, so it was asked for.
    expect((await ask('a1')).status).toBe(404);
  });

  it('sees of a session what is that agent’s, and nothing of a new run that turns out to be another’s', async () => {
    const stop = new AbortController();
    const watch = async (path: string): Promise<() => string> => {
      const response = await under.open('GET', path, undefined, limited, { signal: stop.signal });
      let text = '';
      void response
        .body!.pipeThrough(new TextDecoderStream())
        .pipeTo(new WritableStream({ write: (chunk: string) => void (text += chunk) }))
        .catch(() => undefined);
      return () => text;
    };
    const session = await watch('/v1/sessions/shared/stream');
    const run = await watch('/v1/runs/new/stream');
    await under.tell('new', 'run.started', { message: 'theirs' }, { session: 'shared', agent: 'a2' });
    await under.tell('new', 'step.started', { step: 'theirs' });
    await under.tell('mine', 'run.started', { message: 'mine' }, { session: 'shared', agent: 'a1' });
    await waitFor(() => session().includes('mine'), { describe: 'the agent’s own run' });
    expect(session()).not.toContain('theirs');
    expect(run()).not.toContain('theirs');
    stop.abort();
  });
});
