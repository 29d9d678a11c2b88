import { type CallEvent, type CallState, type CallStep, newRinging, nextStep } from './call.js';

const CALLER = 'caller';
const FIRST = 'first';
const SECOND = 'second';
const LOSER = 'loser';
/** A device of either user that this call has nothing to do with. */
const OTHER = 'other';

const oneRings = newRinging(CALLER, [FIRST]);
const twoRing = newRinging(CALLER, [FIRST, SECOND]);
const oneHasDeclined = { ...newRinging(CALLER, [FIRST]), lost: new Set([LOSER]) };
const offeredEarly = { ...twoRing, offeredEarly: true };
const accepted = claimed('accepted', FIRST, [LOSER]);
const connected = claimed('connected', FIRST, [LOSER]);
const STATES = { oneRings, twoRing, oneHasDeclined, offeredEarly, accepted, connected };

const CONFLICT: CallStep = { does: 'refuse', code: 'call_conflict' };
const AGAIN: CallStep = { does: 'answer again' };
const NOTHING: CallStep = { does: 'nothing' };
const SIGNALS = ['offer', 'answer', 'candidate'] as const;

function claimed(phase: 'accepted' | 'connected', callee: string, lost: string[]): CallState {
  return { phase, caller: CALLER, callee, lost: new Set(lost) };
}

function send(
  type: Exclude<CallEvent['type'], 'call' | 'endCall' | 'timeout' | 'expired'>,
  from: string,
): CallEvent {
  return { type, from };
}

function dial(from: string, tutorial = false): CallEvent {
  return { type: 'call', from, tutorial };
}

function hangUp(
  from: string,
  scope: 'user' | 'device' = 'user',
  proposed?: 'busy' | 'failed',
): CallEvent {
  return { type: 'endCall', from, scope, proposed };
}

function relay(state: CallState): CallStep {
  return { does: 'relay', state };
}

function end(reason: Extract<CallStep, { does: 'end' }>['reason']): CallStep {
  return { does: 'end', reason };
}

function claim(phase: 'accepted' | 'connected', callee: string, lost: string[]): CallStep {
  return { does: 'claim', state: claimed(phase, callee, lost), callee };
}

describe.each([true, false])('the table, calls required: %s', (callsRequired) => {
  const step = (state: CallState, event: CallEvent) => nextStep(state, event, callsRequired);

  describe('while it rings', () => {
    it('the caller calling again is told the same', () => {
      expect(step(twoRing, dial(CALLER))).toEqual(AGAIN);
      expect(step(twoRing, dial(CALLER, true))).toEqual(AGAIN);
    });

    it.each([undefined, 'busy', 'failed'] as const)(
      'the caller cancels, whatever reason it proposes: %s',
      (proposed) => {
        expect(step(twoRing, hangUp(CALLER, 'user', proposed))).toEqual(end('cancelled'));
        expect(step(twoRing, hangUp(CALLER, 'device', proposed))).toEqual(end('cancelled'));
      },
    );

    it('the caller cannot say that it rings, nor accept', () => {
      expect(step(oneRings, send('ringing', CALLER))).toEqual(CONFLICT);
      expect(step(oneRings, send('accept', CALLER))).toEqual(CONFLICT);
    });

    it('the caller leaving ends it', () => {
      expect(step(twoRing, send('leave', CALLER))).toEqual(end('disconnected'));
    });

    it('the first report of each device reaches the caller', () => {
      const firstReported = { ...twoRing, reported: new Set([FIRST]) };
      const bothReported = { ...twoRing, reported: new Set([FIRST, SECOND]) };
      const report = { does: 'report ringing' };
      expect(step(twoRing, send('ringing', FIRST))).toEqual({
        ...report,
        state: firstReported,
        device: FIRST,
      });
      expect(step(firstReported, send('ringing', FIRST))).toEqual(NOTHING);
      expect(step(firstReported, send('ringing', SECOND))).toEqual({
        ...report,
        state: bothReported,
        device: SECOND,
      });
    });

    it.each([send('accept', SECOND), send('offer', SECOND), dial(SECOND), dial(SECOND, true)])(
      'a rung device claims it, and the others lose: %j',
      (event) => {
        expect(step(twoRing, event)).toEqual(claim('accepted', SECOND, [FIRST]));
        const threeRang = { ...twoRing, lost: new Set([LOSER]) };
        expect(step(threeRang, event)).toEqual(claim('accepted', SECOND, [LOSER, FIRST]));
      },
    );

    it('an answer claims and connects it, but only if there was an offer to answer', () => {
      expect(step(offeredEarly, send('answer', SECOND))).toEqual(
        claim('connected', SECOND, [FIRST]),
      );
      expect(step(twoRing, send('answer', SECOND))).toEqual(CONFLICT);
    });

    it('an early offer does not change what the other messages of a device do', () => {
      expect(step(offeredEarly, send('offer', FIRST))).toEqual(claim('accepted', FIRST, [SECOND]));
      expect(step(offeredEarly, send('accept', FIRST))).toEqual(claim('accepted', FIRST, [SECOND]));
    });

    it('a candidate of a rung device passes and claims nothing', () => {
      expect(step(twoRing, send('candidate', FIRST))).toEqual(relay(twoRing));
    });

    it.each([
      { proposed: undefined, reason: 'declined' },
      { proposed: 'busy', reason: 'busy' },
      { proposed: 'failed', reason: 'declined' },
    ] as const)('a device that proposes $proposed ends it as $reason', ({ proposed, reason }) => {
      // For its user at once; for itself once no other is left.
      expect(step(twoRing, hangUp(FIRST, 'user', proposed))).toEqual(end(reason));
      expect(step(twoRing, hangUp(FIRST, 'device', proposed))).toEqual({
        does: 'stop ringing',
        state: { ...twoRing, rung: new Set([SECOND]), lost: new Set([FIRST]) },
        reason,
      });
      expect(step(oneRings, hangUp(FIRST, 'device', proposed))).toEqual(end(reason));
      expect(step(oneHasDeclined, hangUp(FIRST, 'device', proposed))).toEqual(end(reason));
    });

    it('a device that leaves stops ringing, and the last one ends it', () => {
      expect(step(twoRing, send('leave', SECOND))).toEqual({
        does: 'stop ringing',
        state: { ...twoRing, rung: new Set([FIRST]), lost: new Set([SECOND]) },
        reason: 'disconnected',
      });
      expect(step(oneRings, send('leave', FIRST))).toEqual(end('disconnected'));
      expect(step(oneHasDeclined, send('leave', FIRST))).toEqual(end('disconnected'));
    });

    it('a device whose ring gives way stops ringing, and the last one is busy', () => {
      expect(step(twoRing, send('displaced', SECOND))).toEqual({
        does: 'stop ringing',
        state: { ...twoRing, rung: new Set([FIRST]), lost: new Set([SECOND]) },
        reason: 'busy',
      });
      expect(step(oneRings, send('displaced', FIRST))).toEqual(end('busy'));
    });

    it('what a device reported is kept while others come to nothing', () => {
      const reported = { ...twoRing, reported: new Set([FIRST]) };
      expect(step(reported, hangUp(SECOND, 'device'))).toMatchObject({
        state: { reported: new Set([FIRST]) },
      });
    });
  });

  describe.each(['accepted', 'connected'] as const)('once %s', (phase) => {
    const state = STATES[phase];

    it.each([CALLER, FIRST])('offers and candidates of the %s pass', (party) => {
      expect(step(state, send('offer', party))).toEqual(relay(state));
      expect(step(state, send('candidate', party))).toEqual(relay(state));
    });

    it.each([CALLER, FIRST])('an answer of the %s passes, and it is connected', (party) => {
      expect(step(state, send('answer', party))).toEqual(relay(connected));
    });

    it.each([CALLER, FIRST])('the %s ends it as hangup, or as failed if so proposed', (party) => {
      for (const scope of ['user', 'device'] as const) {
        expect(step(state, hangUp(party, scope))).toEqual(end('hangup'));
        expect(step(state, hangUp(party, scope, 'busy'))).toEqual(end('hangup'));
        expect(step(state, hangUp(party, scope, 'failed'))).toEqual(end('failed'));
      }
    });

    it.each([CALLER, FIRST])('the %s leaving ends it', (party) => {
      expect(step(state, send('leave', party))).toEqual(end('disconnected'));
    });

    it('neither can ring, nor the caller accept', () => {
      expect(step(state, send('ringing', CALLER))).toEqual(CONFLICT);
      expect(step(state, send('ringing', FIRST))).toEqual(CONFLICT);
      expect(step(state, send('accept', CALLER))).toEqual(CONFLICT);
    });

    it('the device that has it may accept again, and is told the same', () => {
      expect(step(state, send('accept', FIRST))).toEqual(AGAIN);
    });
  });

  it.each([CALLER, FIRST])('the %s calling is told the same while accepted', (party) => {
    expect(step(accepted, dial(party))).toEqual(AGAIN);
    expect(step(accepted, dial(party, true))).toEqual(AGAIN);
  });

  it.each([CALLER, FIRST])('the %s calling once connected has lost track, or errs', (party) => {
    expect(step(connected, dial(party))).toEqual(CONFLICT);
    expect(step(connected, dial(party, true))).toEqual({ does: 'give way' });
  });

  it.each(Object.entries(STATES))('%s: who is not in it changes nothing', (_, state) => {
    for (const outsider of [LOSER, OTHER]) {
      for (const type of ['ringing', 'accept', ...SIGNALS] as const) {
        expect(step(state, send(type, outsider))).toEqual(CONFLICT);
      }
      expect(step(state, dial(outsider))).toEqual(CONFLICT);
      expect(step(state, dial(outsider, true))).toEqual(CONFLICT);
      expect(step(state, hangUp(outsider))).toEqual(CONFLICT);
      expect(step(state, hangUp(outsider, 'device', 'busy'))).toEqual(CONFLICT);
      expect(step(state, send('leave', outsider))).toEqual(NOTHING);
    }
  });

  it.each(Object.entries(STATES))('%s: a stopping server ends it for its parties', (_, state) => {
    expect(step(state, send('shutdown', CALLER))).toEqual(end('shutdown'));
    expect(step(state, send('shutdown', OTHER))).toEqual(NOTHING);
    const callee = state.phase === 'ringing' ? [...state.rung] : [state.callee];
    const ends = callee.length === 1 ? end('shutdown') : { does: 'stop ringing' };
    expect(step(state, send('shutdown', callee[0] ?? ''))).toMatchObject(ends);
  });

  it.each(Object.entries(STATES))('%s: time ends it', (_, state) => {
    expect(step(state, { type: 'expired' })).toEqual(end('expired'));
    expect(step(state, { type: 'timeout' })).toEqual(
      state.phase === 'connected' ? NOTHING : end('timeout'),
    );
  });

  it.each(Object.entries(STATES))('%s is never changed itself', (_, state) => {
    const before = structuredClone(state);
    for (const device of [CALLER, FIRST, SECOND, LOSER, OTHER]) {
      for (const type of ['ringing', 'accept', 'leave', ...SIGNALS] as const) {
        step(state, send(type, device));
      }
      step(state, dial(device));
      step(state, hangUp(device, 'device'));
    }
    expect(state).toEqual(before);
  });
});

describe('the caller signalling before anybody has accepted', () => {
  it.each(SIGNALS)('may not %s when calls are required', (type) => {
    expect(nextStep(twoRing, send(type, CALLER), true)).toEqual(CONFLICT);
    expect(nextStep(offeredEarly, send(type, CALLER), true)).toEqual(CONFLICT);
  });

  it('may otherwise, and its offer can then be answered', () => {
    expect(nextStep(twoRing, send('offer', CALLER), false)).toEqual(relay(offeredEarly));
    expect(nextStep(offeredEarly, send('offer', CALLER), false)).toEqual(relay(offeredEarly));
    expect(nextStep(twoRing, send('answer', CALLER), false)).toEqual(relay(twoRing));
    expect(nextStep(twoRing, send('candidate', CALLER), false)).toEqual(relay(twoRing));
    expect(nextStep(offeredEarly, send('candidate', CALLER), false)).toEqual(relay(offeredEarly));
  });
});
