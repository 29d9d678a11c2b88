/* Calls: they ring, are answered, get their media, and end. */
import { Line } from './line.js';
import { capture, routeSound, stop } from './media.js';
import { describe, outcomeOf } from './outcomes.js';
import { watchQuality } from './quality.js';
import { closeSettings } from './settings.js';
import { isOurs, people, render, socket, state } from './state.js';
import * as view from './view.js';
import { $, say } from './view.js';

const MEDIA_TIMEOUT_MS = 30_000;

// Whatever waits holds on to "its" call as `mine`, and afterwards asks whether `state.call` is still it.

/** Rings a user, on whatever devices there are. */
export async function startCall(userId) {
  const person = people().get(userId);
  if (state.call || !person) return;
  const mine = { partner: userId, name: person.name, phase: 'calling' };
  state.call = mine;
  say(`Starting your camera and microphone to call ${mine.name}…`);
  if (!(await openMedia(mine))) return;

  mine.placed = true;
  say(`Calling ${mine.name}…`);
  // Not `emitWithAck`: a promise would go on only after the next message, which may need the id.
  socket.emit('call', { toUser: userId }, (reply) => {
    state.rings.delete(reply.callId);
    if (state.call !== mine) return render();
    if (!reply.ok) return closeCall(describe(mine, reply.error.code, reply.error.message), 'error');
    mine.id = reply.callId;
    // Two who call each other at the same time have both said yes; one of them is to offer.
    mine.leads = reply.role === 'caller';
    if (reply.role === 'callee') offer(mine);
  });
}

socket.on('call', ({ callId, userId, name = 'Somebody without a name' }) => {
  if (isOurs(callId)) return; // it crossed ours, and the reply to ours was faster
  closeSettings();
  state.rings.set(callId, { id: callId, partner: userId, name, phase: 'incoming' });
  socket.emit('ringing', { callId });
  if (state.call?.partner !== userId) say(`${name} is calling you.`);
  render();
});

socket.on('ringing', ({ callId }) => {
  if (!isOurs(callId)) return;
  state.call.rings = true;
  say(`Ringing: waiting for ${state.call.name} to answer.`);
  render();
});

/** Answers at once: the caller need not ring on while the browser asks us for permission. */
export function acceptCall(mine) {
  if (!state.rings.delete(mine?.id)) return;
  if (state.call) leaveCall();
  state.call = Object.assign(mine, { phase: 'connecting', placed: true });
  say(`Starting your camera and microphone to answer ${mine.name}…`);
  render();
  socket.emit('accept', { callId: mine.id }, async (reply) => {
    if (state.call !== mine) return;
    if (!reply.ok) closeCall(describe(mine, reply.error.code, reply.error.message), 'error');
    else if (await openMedia(mine)) offer(mine);
  });
}

socket.on('callAccepted', ({ callId }) => {
  if (isOurs(callId)) connecting(state.call);
});

export function declineCall(ring) {
  if (!state.rings.delete(ring?.id)) return;
  socket.emit('endCall', { callId: ring.id, reason: state.call ? 'busy' : undefined });
  say(`You declined the call from ${ring.name}.`);
  render();
}

socket.on('endCall', ({ callId, reason }) => {
  const ended = isOurs(callId) ? state.call : state.rings.get(callId);
  if (!ended) return;
  const words = describe(ended, outcomeOf(ended, reason));
  state.rings.delete(callId);
  if (ended === state.call) return closeCall(words, reason === 'hangup' ? 'info' : 'error');
  say(words);
  render();
});

/** Hang up or cancel: tell the server, then clean up here. */
export function leaveCall(words, tone, reason) {
  const { id: callId, partner: to, placed } = state.call;
  // `to` counts as long as the server has not told us the id.
  if (placed) socket.emit('endCall', { callId, to, reason });
  closeCall(words, tone);
}

export function closeCall(words, tone) {
  const { call } = state;
  clearTimeout(call?.timer);
  clearInterval(call?.clock);
  call?.unwatch?.();
  call?.line?.close();
  call?.screen?.stop();
  stop(call?.stream);
  state.call = null;
  closeSettings();
  view.clearCall();
  if (words) say(words, tone);
  render();
}

// ---- Media -------------------------------------------------------------------------------------

/** Says whether the call still stands: it may have ended while the browser asked for permission. */
async function openMedia(mine) {
  render();
  const { stream, note } = await capture();
  if (state.call !== mine) {
    stop(stream);
    return false;
  }
  Object.assign(mine, { stream, note });
  view.showSelf(mine);
  render();
  return true;
}

/** The line of a call, opened by the first who needs it. */
function lineOf(mine) {
  if (mine.line) return mine.line;
  mine.line = new Line(mine.stream, {
    leads: mine.leads ?? false,
    send: (event, content) => socket.emit(event, { callId: mine.id, ...content }),
    changed: () => followLine(mine),
    arrived: view.playRemote,
  });
  view.showRemote(mine.line.remote);
  routeSound($('remote-video'));
  mine.timer = setTimeout(() => failCall(mine), MEDIA_TIMEOUT_MS);
  connecting(mine);
  return mine.line;
}

function connecting(mine) {
  mine.phase = 'connecting';
  say(`Connecting to ${mine.name}…`);
  render();
}

function offer(mine) {
  negotiate(mine, (line) => line.offer());
}

for (const type of ['offer', 'answer']) {
  socket.on(type, ({ sdp, callId }) => {
    if (isOurs(callId) && state.call.stream) negotiate(state.call, (line) => line.take(type, sdp));
  });
}

export async function negotiate(mine, step) {
  try {
    await step(lineOf(mine));
  } catch (error) {
    // A closed connection rejects whatever still runs on it; that is no news once the call is over.
    if (state.call !== mine) return;
    console.warn('The negotiation failed:', error.message);
    failCall(mine);
  }
}

socket.on('candidate', ({ candidate, callId }) => {
  if (isOurs(callId) && state.call.stream) lineOf(state.call).addCandidate(candidate);
});

function followLine(mine) {
  const { connectionState } = mine.line.pc;
  if (connectionState === 'failed') failCall(mine);
  if (connectionState === 'disconnected') say(`The line to ${mine.name} is unstable…`, 'error');
  if (connectionState !== 'connected') return;
  clearTimeout(mine.timer);
  mine.phase = 'connected';
  mine.since ??= Date.now();
  mine.clock ??= setInterval(() => view.renderProgress(mine), 1_000);
  mine.unwatch ??= watchQuality(mine.line.pc, $('quality'));
  say(`You are connected with ${mine.name}.`, 'good');
  render();
}

function failCall(mine) {
  leaveCall(describe(mine, 'failed'), 'error', 'failed');
}
