/* What this page knows, and the connection over which it learns it. */
import { currentToken } from './token.js';
import { sound } from './tones.js';
import * as view from './view.js';

export const socket = io({
  // Beside this page, wherever a reverse proxy has put the two.
  path: new URL('../socket.io', location).pathname,
  // A function, so that whoever reconnects brings the token of that moment.
  auth: (send) => send({ protocol: 2, token: currentToken() }),
});

export const state = {
  /** Ours. Without authentication it is the socket id. */
  userId: '',
  myName: '',
  /** Whether our name is the token's, so that we do not choose one. */
  named: false,
  /** Whether the server is waiting for a token, the first or the next. */
  asksForToken: false,
  /** Who is online, ourselves included, by socket id: { socketId, userId, name, inCall }. */
  users: new Map(),
  /** The one call we are in: { id, partner, name, phase, stream, line, … }, or null. */
  call: null,
  /** Calls that ring here, by id, the longest waiting first. */
  rings: new Map(),
};

/** Users by id, each with a name and the number of devices: { name, devices, inCall }. */
export function people() {
  const found = new Map();
  for (const { userId, name, inCall } of state.users.values()) {
    const person = found.get(userId) ?? { name, devices: 0, inCall: false };
    person.devices += 1;
    person.inCall ||= inCall;
    found.set(userId, person);
  }
  return found;
}

export function isOurs(callId) {
  return callId !== undefined && state.call?.id === callId;
}

/** The one that waits longest; a call from the one we are calling is about to become ours. */
export function waitingRing() {
  return [...state.rings.values()].find(({ partner }) => partner !== state.call?.partner);
}

export function render() {
  const { call } = state;
  const ring = waitingRing();
  const others = people();
  const me = others.get(state.userId);
  others.delete(state.userId);
  const signedIn = socket.connected && state.userId !== socket.id;
  view.render({
    ...state,
    me,
    others,
    signedIn,
    ring,
    online: socket.connected,
    restless: socket.active,
  });
  if (call) sound(ring ? 'waiting' : call.phase === 'calling' && call.rings ? 'ringback' : null);
  else sound(ring ? 'ring' : null);
}
