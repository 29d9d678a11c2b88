/* What this page knows, and the connection over which it learns it. */
import { sound } from './tones.js';
import * as view from './view.js';

export const socket = io({ auth: { protocol: 2 } });

export const state = {
  myName: '',
  /** Names of the others, by socket id. */
  users: new Map(),
  /** The one call we are in: { id, partner, name, phase, stream, line, … }, or null. */
  call: null,
  /** Calls that ring here, by id, the longest waiting first. */
  rings: new Map(),
};

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
  view.render({ ...state, ring, online: socket.connected, restless: socket.active });
  if (call) sound(ring ? 'waiting' : call.phase === 'calling' && call.rings ? 'ringback' : null);
  else sound(ring ? 'ring' : null);
}
