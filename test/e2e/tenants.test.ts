import { setTimeout } from 'node:timers/promises';
import { TOKEN_PROBLEMS } from '../../src/auth/token-problems.js';
import type { ClientEvent, OnlinePeer } from '../../src/protocol/events.js';
import { DIFF_INTERVAL_MS, HINT_INTERVAL_MS } from '../../src/protocol/limits.js';
import { startApp } from '../support/app.js';
import {
  callIdOf,
  callStage,
  expectLive,
  forget,
  PHASES,
  refusal,
  type Version,
} from '../support/calls.js';
import { Newcomer } from '../support/newcomer.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { tokenWith, WITH_TOKENS } from '../support/tokens.js';
import { Watcher } from '../support/watcher.js';

const stage = callStage(WITH_TOKENS);
const MODERN: Version = 'protocol 2';

/** One device of a user of the tenant; those without a tenant share one of their own. */
async function enter(tenant: string | undefined, sub: string, name?: string): Promise<Peer> {
  const [peer] = await stage.enterAs({ tenant, sub, name }, MODERN);
  return peer;
}

/** Ana and Ben of two tenants, with the same user ids in both. */
async function twins() {
  const [ana, ben, foreignAna, foreignBen] = await Promise.all([
    enter('acme', 'ana'),
    enter('acme', 'ben'),
    enter('other', 'ana'),
    enter('other', 'ben'),
  ]);
  return { ana, ben, foreignAna, foreignBen, everybody: [ana, ben, foreignAna, foreignBen] };
}

/** Longer than any hint or diff waits for others to go with it. */
const hintsHaveArrived = async (): Promise<void> => {
  await setTimeout(2 * Math.max(HINT_INTERVAL_MS, DIFF_INTERVAL_MS));
  await stage.settle();
};

const online = ({ id }: Peer, userId: string, name: string): OnlinePeer => ({
  socketId: id,
  userId,
  name,
  inCall: false,
});

describe.each([
  ['two tenants', 'acme', 'other'],
  ['a tenant and none', 'acme', undefined],
  ['none and a tenant', undefined, 'acme'],
  ['tenants whose names differ in case', 'acme', 'Acme'],
  ['a tenant whose name looks like an inherited property', 'acme', '__proto__'],
])('between %s', (_, here, there) => {
  it('lists, hints and departures stay where they are', async () => {
    const ana = await enter(here, 'ana', 'Ana');
    const ben = await enter(here, 'ben');
    const eve = await enter(there, 'eve', 'Eve');
    await hintsHaveArrived();
    forget(ana, ben, eve);

    await ben.ask('register', 'Ben');
    await hintsHaveArrived();
    expect(ana.received).toEqual([{ event: 'userConnected', args: [] }]);
    await Promise.all([ana, eve].map((peer) => peer.ask('getOnlineUsers')));
    expect(await ana.next('onlineUsers')).toEqual({ [ana.id]: 'Ana', [ben.id]: 'Ben' });
    expect(await eve.next('onlineUsers')).toEqual({ [eve.id]: 'Eve' });

    const { id } = ben;
    await ben.close();
    expect(await ana.next('userDisconnected')).toBe(id);
    await hintsHaveArrived();
    expect(eve.received).toEqual([]);
  });

  it('watchers see nobody of the other', async () => {
    const [ana, eve] = await Promise.all([enter(here, 'ana', 'Ana'), enter(there, 'eve', 'Eve')]);
    const views = [await Watcher.start(ana), await Watcher.start(eve)] as const;
    const ben = await enter(here, 'ben', 'Ben');
    const foreignBen = await enter(there, 'ben', 'Ben');
    await views[0].sees(ben, 'Ben');
    await views[1].sees(foreignBen, 'Ben');
    const callId = callIdOf(await ana.ask('call', { toUser: 'ben' }));
    await ben.ask('accept', { callId });
    await views[0].sees(ben, 'Ben', true);
    await ben.ask('endCall', { callId });
    await views[0].sees(ben, 'Ben', false);
    await hintsHaveArrived();
    const seen = views.map(({ users }) => [...users.values()]);
    expect(seen).toEqual([
      [online(ana, 'ana', 'Ana'), online(ben, 'ben', 'Ben')],
      [online(eve, 'eve', 'Eve'), online(foreignBen, 'ben', 'Ben')],
    ]);
    const mentioned = eve
      .all('presenceDiff')
      .flatMap(({ joined, left, changed }) => [...joined, ...left, ...changed]);
    expect(mentioned).toEqual([online(foreignBen, 'ben', 'Ben')]);
    expect(views.flatMap(({ surprises }) => surprises)).toEqual([]);
  });

  it('nobody can be called', async () => {
    const [ana, ben] = await Promise.all([enter(here, 'ana'), enter(here, 'ben')]);
    const eve = await enter(there, 'eve');
    for (const address of [{ to: ana.id }, { to: ben.id }, { toUser: 'ana' }, { toUser: 'ben' }]) {
      expect(await eve.ask('call', address)).toEqual(refusal('unavailable'));
    }
    await stage.expectHeard([ana], [ben], [eve]);
  });
});

describe('with a call id that was stolen', () => {
  it.each(PHASES)('a foreigner finds no call that is %s', async (phase) => {
    const { ana, ben, foreignAna, foreignBen } = await twins();
    const callId = callIdOf(await ana.ask('call', { toUser: 'ben' }));
    if (phase !== 'ringing') await ben.ask('offer', { callId, sdp: 'v=0' });
    if (phase === 'connected') await ana.ask('answer', { callId, sdp: 'v=0' });
    await stage.settle();
    forget(ana, ben);
    const messages: [ClientEvent, object][] = [
      ['ringing', {}],
      ['accept', {}],
      ['offer', { sdp: 'v=0' }],
      ['answer', { sdp: 'v=0' }],
      ['candidate', { candidate: null }],
      ['endCall', {}],
      ['endCall', { scope: 'device' }],
    ];
    for (const [event, content] of messages) {
      for (const [foreigner, to] of [
        [foreignAna, ben.id],
        [foreignBen, ana.id],
      ] as const) {
        for (const address of [{ callId }, { callId, to }]) {
          const reply = await foreigner.ask(event, { ...content, ...address });
          expect([event, reply]).toEqual([event, refusal('call_not_found')]);
        }
      }
    }
    await stage.expectHeard([ana], [ben], [foreignAna], [foreignBen]);
    expect(await ben.ask('endCall', { callId })).toMatchObject({ ok: true, callId });
  });
});

describe('users with the same ids in two tenants', () => {
  it('call each other at once, and neither call knows of the other', async () => {
    const { ana, ben, foreignAna, foreignBen, everybody } = await twins();
    const replies = await Promise.all([
      ana.ask('call', { toUser: 'ben' }),
      foreignAna.ask('call', { toUser: 'ben' }),
    ]);
    const [callId, foreignCallId] = [callIdOf(replies[0]), callIdOf(replies[1])];
    expect(callId).not.toBe(foreignCallId);
    expect(replies).toMatchObject([
      { role: 'caller', ringing: 1 },
      { role: 'caller', ringing: 1 },
    ]);
    expect(await ben.next('call')).toMatchObject({ callId, from: ana.id });
    expect(await foreignBen.next('call')).toMatchObject({ callId: foreignCallId });
    await Promise.all([
      ben.ask('accept', { callId }),
      foreignBen.ask('accept', { callId: foreignCallId }),
    ]);
    await stage.settle();
    forget(...everybody);
    await expectLive(ana, ben, callId);
    await expectLive(foreignAna, foreignBen, foreignCallId);

    await ana.ask('endCall', { callId });
    await stage.expectHeard(
      [ben, ['endCall', { callId, socketId: ana.id, reason: 'hangup' }]],
      [foreignAna],
      [foreignBen],
    );
    await expectLive(foreignAna, foreignBen, foreignCallId);
    // And the two can call anew, in the other direction, as no glare of anything.
    expect(await ben.ask('call', { toUser: 'ana' })).toMatchObject({ role: 'caller', ringing: 1 });
  });

  it('are no devices of each other', async () => {
    const { ana, foreignAna } = await twins();
    const own = refusal('invalid_recipient');
    expect(await foreignAna.ask('call', { toUser: 'ana' })).toEqual(own);
    expect(await foreignAna.ask('call', { to: ana.id })).toEqual(refusal('unavailable'));
    expect(await foreignAna.ask('offer', { to: ana.id, sdp: 'v=0' })).toEqual(
      refusal('not_in_call'),
    );
    await stage.expectHeard([ana], [foreignAna]);
  });

  it('cannot renew a connection with the token of the other', async () => {
    const ana = await enter('acme', 'ana');
    for (const tenant of ['other', undefined]) {
      const token = await tokenWith({ sub: 'ana', tenant });
      expect(await ana.ask('refreshToken', { token })).toMatchObject({
        error: { code: 'unauthorized' },
      });
    }
    const token = await tokenWith({ sub: 'ana', tenant: 'acme' });
    expect(await ana.ask('refreshToken', { token })).toMatchObject({ ok: true });
  });
});

describe('a tenant that everybody has left', () => {
  it('starts anew, without a memory', async () => {
    const ana = await enter('acme', 'ana', 'Ana');
    await Watcher.start(ana);
    await ana.close();
    const ben = await enter('acme', 'ben', 'Ben');
    const { users } = await Watcher.start(ben);
    expect([...users.values()]).toEqual([online(ben, 'ben', 'Ben')]);
    await enter('acme', 'ana', 'Ana');
    await eventually(() =>
      expect(ben.all('presenceDiff').flatMap(({ joined }) => joined)).toHaveLength(1),
    );
  });
});

describe('a claim that is to name the tenant', () => {
  const named = callStage({ ...WITH_TOKENS, AUTH_TENANT_CLAIM: 'https://example.com/org' });

  it('is the one of the settings, and no other', async () => {
    const enterWith = async (claims: object) => (await named.enterAs({ ...claims }, MODERN))[0];
    const ana = await enterWith({ sub: 'ana', 'https://example.com/org': 'acme', tenant: 'x' });
    const ben = await enterWith({ sub: 'ben', 'https://example.com/org': 'acme', tenant: 'y' });
    const eve = await enterWith({ sub: 'eve', 'https://example.com/org': 'x', tenant: 'acme' });
    expect(await ana.ask('call', { toUser: 'ben' })).toMatchObject({ ok: true });
    expect(await eve.ask('call', { toUser: 'ben' })).toEqual(refusal('unavailable'));
    expect(await ben.next('call')).toMatchObject({ from: ana.id });
  });

  it('lets nobody in whose token does not have it, as if all of those were one tenant', async () => {
    for (const claims of [{}, { tenant: 'acme' }, { 'https://example.com/Org': 'acme' }]) {
      const outcome = await Newcomer.tries(named.server.url, await tokenWith(claims));
      expect(outcome).toEqual({
        refusal: { code: 'unauthorized', message: TOKEN_PROBLEMS.noTenant },
      });
    }
  });

  it('takes the place of no token without it', async () => {
    const [ana] = await named.enterAs({ 'https://example.com/org': 'acme' }, MODERN);
    expect(await ana.ask('refreshToken', { token: await tokenWith() })).toEqual({
      ok: false,
      error: { code: 'unauthorized', message: TOKEN_PROBLEMS.noTenant },
    });
  });

  it('may be the usual one, which every token must have then', async () => {
    const server = await startApp({ ...WITH_TOKENS, AUTH_TENANT_CLAIM: 'tenant' });
    const tries = async (claims: object) =>
      Newcomer.tries(server.url, await tokenWith({ ...claims }));
    expect(await tries({ tenant: 'acme' })).toEqual({ userId: 'ana' });
    expect(await tries({})).toMatchObject({ refusal: { code: 'unauthorized' } });
    await server.close();
  });
});
