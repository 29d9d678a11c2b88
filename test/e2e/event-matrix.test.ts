import { randomUUID } from 'node:crypto';
import { CallRegistry } from '../../src/calls/call-registry.js';
import {
  accept,
  callIdOf,
  callStage,
  connect,
  forget,
  heard,
  type Stage,
} from '../support/calls.js';
import {
  cellsOf,
  type Known,
  MESSAGES,
  type Role,
  type Situation,
  SITUATIONS,
} from '../support/event-matrix.js';
import { eventually } from '../support/eventually.js';
import { Newcomer } from '../support/newcomer.js';
import type { Peer } from '../support/peer.js';
import { subscriptions } from '../support/subscriptions.js';
import { type Claims, inSeconds, tokenWith, WITH_TOKENS } from '../support/tokens.js';

const ANA = { sub: 'ana', tenant: 'acme' };
const BEN = { sub: 'ben', tenant: 'acme' };
const ZOE = { sub: 'zoe', tenant: 'acme' };
const FOREIGN_ANA = { sub: 'ana', tenant: 'other' };

const CLAIMS = {
  caller: ANA,
  callee: BEN,
  sibling: BEN,
  other: ANA,
  third: ZOE,
  foreign: FOREIGN_ANA,
  stranger: {}, // which has none
} satisfies Record<Role, object>;

type Cast = Partial<Record<Role, Peer>>;

interface Scene {
  readonly cast: Cast & { caller: Peer; callee: Peer };
  readonly callId: string;
}

const withTokens = callStage(WITH_TOKENS);
const open = callStage();

/** Ana's call to Ben, with everybody around who might meddle. */
async function household(situation: Situation): Promise<Scene> {
  const enter = async (claims: Claims) => (await withTokens.enterAs(claims, 'protocol 2'))[0];
  const [caller, callee, sibling, other, third, foreign] = await Promise.all([
    enter(ANA),
    enter(BEN),
    enter(BEN),
    enter(ANA),
    enter(ZOE),
    enter(FOREIGN_ANA),
  ]);
  const callId = callIdOf(await caller.ask('call', { toUser: 'ben' }));
  if (situation !== 'ringing') await callee.ask('offer', { callId, sdp: 'v=0' });
  if (situation === 'connected') await caller.ask('answer', { callId, sdp: 'v=0' });
  const cast = { caller, callee, sibling, other, third, foreign };
  await withTokens.settle();
  forget(...Object.values(cast));
  return { cast, callId };
}

/** The same where nobody has a user. */
async function street(situation: Situation): Promise<Scene> {
  const [caller, callee, stranger] = await open.enter('protocol 2', 'protocol 2', 'protocol 2');
  const callId =
    situation === 'ringing'
      ? callIdOf(await caller.ask('call', { to: callee.id }))
      : await (situation === 'accepted' ? accept : connect)(caller, callee);
  await open.settle();
  forget(caller, callee, stranger);
  return { cast: { caller, callee, stranger }, callId };
}

it('has a row for every event that the gateway takes', () => {
  expect(Object.keys(MESSAGES)).toEqual(subscriptions());
});

describe.each(SITUATIONS)('while a call is %s', (situation) => {
  it.each(cellsOf(situation))(
    '$event ($how) from $role has the outcome of the table',
    async ({ event, role, write, outcome }) => {
      const stage = role === 'stranger' ? open : withTokens;
      const scene = await (role === 'stranger' ? street : household)(situation);
      const sender = peerOf(scene, role);
      const known = await everythingAbout(scene, role);
      const before = stateOf(stage, scene);
      const reply = await sender.ask(event, write(known));
      await stage.settle();
      if (typeof outcome === 'string') {
        expect(reply).toMatchObject({ ok: false, error: { code: outcome } });
        expect(stateOf(stage, scene)).toEqual(before);
      } else {
        expect(reply).toMatchObject({ ok: true });
      }
      const { itself = [], ...others } = typeof outcome === 'string' ? {} : outcome;
      const expected = itself.length === 0 ? others : { ...others, [role]: itself };
      await eventually(() => expect(whatIsHeard(scene.cast)).toEqual(expected), 500);

      if (role !== 'foreign' || reply.ok) return;
      const { callingUser, ownToken } = known; // these are no secrets to it
      const made = { ...(await madeUp()), callingUser, ownToken };
      expect(JSON.stringify(reply)).toBe(JSON.stringify(await sender.ask(event, write(made))));
    },
  );

  it('nothing has any effect from one whose token has run out', async () => {
    const scene = await household(situation);
    const ending = { ...ZOE, exp: Date.now() / 1_000 + 0.8 };
    const [late] = await withTokens.enterAs(ending, 'protocol 2');
    const known = await everythingAbout(scene, 'third');
    const before = stateOf(withTokens, scene);
    const answered: string[] = [];
    // All that it can still say, before its client knows that the connection is being closed.
    late.socket.on('closing', () => {
      for (const { event, write } of cellsOf(situation)) {
        late.tell(event, write(known), () => answered.push(event));
      }
    });
    expect(await late.next('closing')).toMatchObject({ code: 'token_expired' });
    await eventually(() => expect(late.socket.connected).toBe(false));
    expect(late.socket.active).toBe(false); // and it does not come back
    await withTokens.settle();
    expect(answered).toEqual([]);
    expect(whatIsHeard(scene.cast)).toEqual({});
    expect(stateOf(withTokens, scene)).toEqual(before);
  });
});

it('one who comes with a token that has run out is told so, and nobody else is', async () => {
  const { cast } = await household('ringing');
  const token = await tokenWith({ ...ANA, exp: inSeconds(-60) });
  expect(await Newcomer.tries(withTokens.server.url, token)).toMatchObject({
    refusal: { code: 'token_expired' },
  });
  await withTokens.settle();
  expect(Object.values(cast).flatMap(({ received }) => received)).toEqual([]);
});

function peerOf({ cast }: Scene, role: Role): Peer {
  const peer = cast[role];
  if (peer === undefined) throw new Error(`there is no ${role} here`);
  return peer;
}

async function everythingAbout({ cast, callId }: Scene, role: Role): Promise<Known> {
  const { caller, callee } = cast;
  const named = role !== 'stranger';
  return {
    caller: caller.id,
    callee: callee.id,
    callingUser: named ? 'ana' : caller.id,
    calledUser: named ? 'ben' : callee.id,
    callId,
    ownToken: await tokenWith(CLAIMS[role]),
    callersToken: await tokenWith(ANA),
  };
}

/** For whoever knows nothing, and guesses. */
async function madeUp(): Promise<Omit<Known, 'callingUser' | 'ownToken'>> {
  return {
    caller: 'A'.repeat(20),
    callee: 'B'.repeat(20),
    calledUser: 'nobody',
    callId: randomUUID(),
    callersToken: await tokenWith({ ...ANA, sub: 'nobody' }),
  };
}

function stateOf({ server }: Stage, { callId, cast }: Scene): object | undefined {
  return server.app.get(CallRegistry).find(callId, cast.caller.id)?.state;
}

function whatIsHeard(cast: Cast): Partial<Record<Role, string[]>> {
  return Object.fromEntries(
    Object.entries(cast)
      .map(([role, peer]) => [role, heard(peer).map(([event]) => event)] as const)
      .filter(([, events]) => events.length > 0),
  );
}
