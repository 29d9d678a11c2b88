/*
 * A complete client of protocol 2: presence, ringing, and a call between two browsers, with the stock
 * Socket.IO client only. The server owns the call: it names it (`callId`), settles who is to offer
 * when two call each other, and says how the call ended. The CALLEE makes the offer:
 *
 *   caller                               callee
 *     call {to}                 ───►     call {from, name, callId}    it rings
 *     ringing {callId}          ◄───     ringing {callId}
 *     callAccepted {callId}     ◄───     accept {callId}
 *     offer {sdp, callId}       ◄───     offer {callId, sdp}
 *     answer {callId, sdp}      ───►     answer {sdp, callId}
 *     candidate                 ◄──►     candidate                    in both directions
 *     endCall {callId, reason}  ◄──►     endCall {callId}             cancel, decline or hang up
 *
 * Here is who is online; `identity.js` has the tokens, where the server asks for them; `calls.js` the
 * calls, `line.js` the media between two browsers, `media.js` cameras and the like; `during.js` is what
 * one can do while talking, and `view.js` shows it all.
 */
import { acceptCall, closeCall, declineCall, leaveCall, negotiate, startCall } from './calls.js';
import { setUpControls } from './during.js';
import { refused, setUpIdentity, signOut } from './identity.js';
import { render, socket, state, waitingRing } from './state.js';
import { $, say } from './view.js';

// ---- Connection --------------------------------------------------------------------------------

/** Why, if the server said so before it closed the connection. */
let announced = null;
socket.on('draining', () => (announced = 'The server is restarting'));
socket.on('closing', ({ code, message }) => {
  announced = `The server closed the connection (${message})`;
  if (code === 'token_expired') signOut();
});

socket.on('connect', () => {
  announced = null;
  watch();
});

socket.on('disconnect', () => {
  const reason = announced ?? 'The connection to the server was lost';
  const consequence = state.call ? `, and your call with ${state.call.name} has ended` : '';
  const wayBack = state.asksForToken
    ? 'Paste a new token to come back.'
    : 'Reload the page to try again.';
  state.users.clear();
  state.rings.clear();
  // The media might go on, but whoever comes back has a new socket id and is a stranger to the peer.
  closeCall(`${reason}${consequence}. ${socket.active ? 'Reconnecting…' : wayBack}`, 'error');
});

socket.on('connect_error', (error) => {
  if (!socket.active) return refused(error);
  say('Not connected: the server cannot be reached. Trying again…', 'error');
  render();
});

// ---- Presence ----------------------------------------------------------------------------------

/** First everybody who is online, from then on what changes. */
function watch() {
  socket.emit('watchPresence', (reply) => {
    if (!reply.ok) return say(`Nobody can be seen: ${reply.error.message}.`, 'error');
    state.users = new Map(reply.users.map((user) => [user.socketId, user]));
    // Who is there without having joined has a name from the token.
    const { name } = state.users.get(socket.id) ?? {};
    state.named = name !== undefined;
    if (state.named) joined(name);
    else if (state.myName) join(state.myName);
    else say('Connected. Type your name to join.');
    render();
  });
}

socket.on('presenceDiff', ({ joined, left, changed }) => {
  for (const { socketId } of left) state.users.delete(socketId);
  for (const user of [...joined, ...changed]) state.users.set(user.socketId, user);
  render();
});

function join(name) {
  socket.emit('register', name, (reply) => {
    if (!reply.ok) return say(`The name “${name}” was refused: ${reply.error.message}.`, 'error');
    joined(reply.name);
  });
}

function joined(name) {
  state.myName = name;
  say(`You are online as ${name}.`, 'good');
  render();
}

// ---- Buttons -----------------------------------------------------------------------------------

$('join-form').addEventListener('submit', (event) => {
  event.preventDefault();
  join($('name').value);
});
$('users').addEventListener('click', ({ target }) => {
  if (target.closest('button')) startCall(target.closest('li').dataset.userId);
});
for (const [id, act] of Object.entries({
  accept: () => acceptCall(waitingRing()),
  decline: () => declineCall(waitingRing()),
  'second-accept': () => acceptCall(waitingRing()),
  'second-decline': () => declineCall(waitingRing()),
  'hang-up': () => leaveCall('You ended the call.'),
})) {
  $(id).addEventListener('click', act);
}
setUpControls({ current: () => state.call, render, negotiate });
setUpIdentity();
