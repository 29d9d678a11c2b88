import { CALL_MAX_DEVICES } from '../../src/protocol/limits.js';
import { BUDGETS, REFUSAL_BUDGET } from '../../src/rate-limit/budgets.js';
import { callStage, refusal, type Version } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { type Claims, WITH_TOKENS } from '../support/tokens.js';

const stage = callStage({ ...WITH_TOKENS, RATE_LIMITS: 'on' });
const MODERN: Version = 'protocol 2';

async function enter(claims: Claims): Promise<Peer> {
  const [peer] = await stage.enterAs(claims, MODERN);
  return peer;
}

const callNobody = (peer: Peer) => peer.ask('call', { toUser: 'nobody' });
const TOO_MANY = { ok: false, error: { code: 'rate_limited' } };

async function spendCalls(peer: Peer): Promise<void> {
  const replies = await Promise.all(
    Array.from({ length: BUDGETS.calls.burst + 1 }, () => callNobody(peer)),
  );
  expect(replies.pop()).toMatchObject(TOO_MANY);
  expect(replies).toEqual(replies.map(() => refusal('unavailable')));
}

it('what a user has spent is spent after it has reconnected, and on its other devices', async () => {
  const phone = await enter({ sub: 'ana' });
  const laptop = await enter({ sub: 'ana' });
  await spendCalls(phone);
  expect(await callNobody(laptop)).toMatchObject(TOO_MANY);
  await Promise.all([phone.close(), laptop.close()]);
  const again = await enter({ sub: 'ana' });
  expect(await callNobody(again)).toMatchObject(TOO_MANY);
  expect(await again.ask('endCall', { to: null })).toEqual(refusal('call_not_found'));
});

it.each<[who: string, spender: Claims, other: Claims]>([
  ['another user at the same address', { sub: 'ben' }, { sub: 'carl' }],
  ['a user of the same id in another tenant', { sub: 'dora' }, { sub: 'dora', tenant: 'acme' }],
])('%s has a budget of its own', async (_, spender, other) => {
  await spendCalls(await enter(spender));
  expect(await callNobody(await enter(other))).toEqual(refusal('unavailable'));
});

it('all devices of a user may start to watch at once, as they do when they come back', async () => {
  const devices = await Promise.all(
    Array.from({ length: CALL_MAX_DEVICES }, () => enter({ sub: 'erin' })),
  );
  const replies = await Promise.all(devices.map((device) => device.ask('watchPresence')));
  expect(replies.filter(({ ok }) => !ok)).toEqual([]);
});

it('who was closed for abuse and comes back to go on is closed at once', async () => {
  const mallory = await enter({ sub: 'mallory' });
  for (let i = 0; i < REFUSAL_BUDGET.burst + 500; i += 1) mallory.tell('no such event');
  expect(await mallory.next('closing')).toMatchObject({ code: 'rate_limited' });

  const again = await enter({ sub: 'mallory' });
  for (let i = 0; i < 500; i += 1) again.tell('no such event');
  expect(await again.next('closing')).toMatchObject({ code: 'rate_limited' });
  await eventually(() => expect(again.socket.connected).toBe(false));
});
