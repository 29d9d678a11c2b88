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
 * Here is who is online; `calls.js` has the calls, `line.js` the media between two browsers, `media.js`
 * cameras and the like; `during.js` is what one can do while talking, and `view.js` shows it all.
 */
import { acceptCall, closeCall, declineCall, leaveCall, negotiate, startCall } from './calls.js';
import { setUpControls } from './during.js';
import { render, socket, state, waitingRing } from './state.js';
import { $, say } from './view.js';

// ---- Connection --------------------------------------------------------------------------------

let restarting = false;
socket.on('draining', () => (restarting = true));

socket.on('connect', () => {
  restarting = false;
  render();
  socket.emit('getOnlineUsers');
  if (state.myName) join(state.myName);
  else say('Connected. Type your name to join.');
});

socket.on('disconnect', () => {
  const reason = restarting ? 'The server is restarting' : 'The connection to the server was lost';
  const consequence = state.call ? `, and your call with ${state.call.name} has ended` : '';
  const next = socket.active ? 'Reconnecting…' : 'Reload the page to try again.';
  state.users.clear();
  state.rings.clear();
  // The media might go on, but whoever comes back has a new socket id and is a stranger to the peer.
  closeCall(`${reason}${consequence}. ${next}`, 'error');
});

socket.on('connect_error', (error) => {
  const reason = socket.active
    ? 'the server cannot be reached. Trying again…'
    : `the server refused (${error.message}). Reload the page to try again.`;
  say(`Not connected: ${reason}`, 'error');
  render();
});

// ---- Presence ----------------------------------------------------------------------------------

function join(name) {
  socket.emit('register', name, (reply) => {
    if (!reply.ok) return say(`The name “${name}” was refused: ${reply.error.message}.`, 'error');
    state.myName = reply.name;
    say(`You are online as ${state.myName}.`, 'good');
    render();
  });
}

// `userConnected` says only that the list has changed.
socket.on('userConnected', () => socket.emit('getOnlineUsers'));

socket.on('onlineUsers', (list) => {
  state.users = new Map(Object.entries(list));
  state.users.delete(socket.id);
  render();
});

socket.on('userDisconnected', (socketId) => {
  state.users.delete(socketId);
  render();
});

// ---- Buttons -----------------------------------------------------------------------------------

$('join-form').addEventListener('submit', (event) => {
  event.preventDefault();
  join($('name').value);
});
$('users').addEventListener('click', ({ target }) => {
  if (target.closest('button')) startCall(target.closest('li').dataset.socketId);
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
