/*
 * A complete client: presence, ringing, and a call between two browsers, with the public protocol
 * and the stock Socket.IO client only. In this protocol the CALLEE makes the offer:
 *
 *   caller                            callee
 *     call {to}              ───►     call {from, name}            it rings
 *     offer {sdp, socketId}  ◄───     offer {to, sdp}              accepted
 *     answer {to, sdp}       ───►     answer {sdp, socketId}
 *     candidate              ◄──►     candidate                    in both directions
 *     endCall                ◄──►     endCall                      decline, cancel or hang up
 */

/** STUN and TURN servers, for peers that are not on one network: [{ urls: 'stun:…' }]. */
const ICE_SERVERS = [];
const REPLY_TIMEOUT_MS = 5_000;
const MEDIA_TIMEOUT_MS = 30_000;
const MEDIA_ATTEMPTS = [
  { audio: true, video: true, note: '' },
  { audio: true, video: false, note: 'Sound only: your camera could not be opened.' },
  { audio: false, video: true, note: 'Picture only: your microphone could not be opened.' },
];
const NAME_KEY = 'switchboard.name';

const $ = (id) => document.getElementById(id);
const socket = io();

let myName = '';
let users = new Map();
/** The one call we are in: { partner, name, phase, rung, stream, pc, candidates, … }, or null. */
let call = null;

// ---- Connection --------------------------------------------------------------------------------

socket.on('connect', () => {
  render();
  socket.emit('getOnlineUsers');
  if (myName) join(myName, 'A call that was running has ended.');
  else say('Connected. Type your name to join.');
});

socket.on('disconnect', () => {
  users.clear();
  const reason = socket.active
    ? 'The connection to the server was lost. Reconnecting…'
    : 'The server closed the connection. Reload the page to try again.';
  // The media might go on, but whoever comes back has a new socket id and is a stranger to the peer.
  if (call) closeCall(`${reason} Your call with ${call.name} has ended.`, 'error');
  else say(reason, 'error');
  render();
});

socket.on('connect_error', (error) => {
  const reason = socket.active
    ? 'Not connected: the server cannot be reached. Trying again…'
    : `Not connected: the server refused (${error.message}). Reload the page to try again.`;
  say(reason, 'error');
});

/** Every event takes an acknowledgement; a server that stays silent counts as a refusal. */
async function request(event, payload) {
  try {
    return await socket.timeout(REPLY_TIMEOUT_MS).emitWithAck(event, payload);
  } catch {
    return { ok: false, error: { code: 'no_reply', message: 'the server did not answer' } };
  }
}

// ---- Presence ----------------------------------------------------------------------------------

async function join(name, note = '') {
  const reply = await request('register', name);
  if (!reply.ok) return say(`The name “${name}” was refused: ${reply.error.message}.`, 'error');
  myName = reply.name;
  withStorage((storage) => storage.setItem(NAME_KEY, myName));
  say(`You are online as ${myName}. ${note}`, 'good');
  render();
}

// `userConnected` says only that the list has changed.
socket.on('userConnected', () => socket.emit('getOnlineUsers'));

socket.on('onlineUsers', (list) => {
  users = new Map(Object.entries(list));
  users.delete(socket.id);
  render();
});

socket.on('userDisconnected', (socketId) => {
  users.delete(socketId);
  if (call?.partner === socketId) closeCall(`${call.name} left, and the call ended.`, 'error');
  render();
});

/** Storage can be forbidden; then the name has to be typed again. */
function withStorage(action) {
  try {
    return action(localStorage);
  } catch {
    return null;
  }
}

// ---- Calling -----------------------------------------------------------------------------------
// Whatever waits holds on to "its" call as `mine`, and afterwards asks whether `call` is still it.

function openCall(partner, name, phase) {
  // `rung`: the other side knows of this call. Before that nothing it sends can be about it.
  call = { partner, name, phase, rung: phase === 'incoming', candidates: [] };
  render();
  return call;
}

async function startCall(socketId) {
  if (call || !users.has(socketId)) return;
  const mine = openCall(socketId, users.get(socketId), 'calling');
  say(`Starting your camera and microphone to call ${mine.name}…`);
  if (!(await openMedia(mine))) return;
  if (mine.phase === 'connecting') return sendOffer(mine);

  mine.rung = true;
  say(`Ringing ${mine.name}…`);
  const reply = await request('call', { to: socketId });
  if (call !== mine || mine.phase !== 'calling') return;
  if (!reply.ok) {
    // Refused, nothing rings over there; without a reply it may, and has to be stopped.
    mine.rung = reply.error.code === 'no_reply';
    leaveCall(describeRefusal(mine, reply.error), 'error');
  } else if (reply.role === 'callee') {
    await sendOffer(mine);
  }
}

socket.on('call', ({ from, name = 'Somebody without a name' }) => {
  if (call && call.partner !== from) {
    request('endCall', { to: from });
    return say(`${name} tried to call you; your line was busy.`);
  }
  if (call?.phase === 'calling') return crossCalls(call);
  if (call && call.phase !== 'connected') return;
  // Whoever calls during a call with us has lost it, and starts anew.
  if (call) closeCall();
  openCall(from, name, 'incoming');
  say(`${name} is calling you.`);
});

/** Two who call each other at the same time have both said yes: exactly one of them must offer. */
function crossCalls(mine) {
  if (!mine.rung) {
    // Our ring has not gone out yet: `startCall` sends the offer in its place.
    Object.assign(mine, { rung: true, phase: 'connecting' });
    render();
  } else if (socket.id < mine.partner) {
    sendOffer(mine);
  }
}

async function acceptCall() {
  if (call?.phase !== 'incoming') return;
  const mine = call;
  mine.phase = 'connecting';
  render();
  say(`Starting your camera and microphone to answer ${mine.name}…`);
  if (await openMedia(mine)) await sendOffer(mine);
}

socket.on('endCall', ({ socketId }) => {
  if (!isFromPartner(socketId)) return;
  const { name, phase } = call;
  if (phase === 'calling') closeCall(`${name} declined your call.`, 'error');
  else if (phase === 'incoming') closeCall(`You missed a call: ${name} cancelled it.`);
  else closeCall(`${name} hung up.`);
});

/** Hang up, decline or cancel: tell the other side, then clean up here. */
function leaveCall(words, tone) {
  if (!call) return;
  if (call.rung) request('endCall', { to: call.partner });
  closeCall(words, tone);
}

function closeCall(words, tone) {
  clearTimeout(call.timer);
  call.pc?.close();
  call.stream?.getTracks().forEach((track) => track.stop());
  call = null;
  $('local-video').srcObject = null;
  $('remote-video').srcObject = null;
  if (words) say(words, tone);
  render();
}

function isFromPartner(socketId) {
  return call?.partner === socketId && call.rung;
}

function describeRefusal({ name }, { code, message }) {
  if (code === 'unavailable') return `${name} cannot be reached any more.`;
  if (code === 'busy') return `${name} is in another call.`;
  return `The call with ${name} failed: ${message}.`;
}

// ---- Media -------------------------------------------------------------------------------------

/** Says whether the call still stands: it may have ended while the browser asked for permission. */
async function openMedia(mine) {
  const { stream, note } = await capture();
  if (call !== mine) {
    stream.getTracks().forEach((track) => track.stop());
    return false;
  }
  Object.assign(mine, { stream, note });
  $('local-video').srcObject = stream;
  render();
  return true;
}

/** As much as there is: both, one of them, or nothing, and then the call is receive-only. */
async function capture() {
  const devices = navigator.mediaDevices;
  if (!devices) return receiveOnly('browsers open cameras on https pages only');
  for (const { note, ...constraints } of MEDIA_ATTEMPTS) {
    try {
      return { stream: await devices.getUserMedia(constraints), note };
    } catch (error) {
      if (error.name === 'NotAllowedError') return receiveOnly('permission was refused');
    }
  }
  return receiveOnly('no camera or microphone could be opened');
}

function receiveOnly(reason) {
  return { stream: new MediaStream(), note: `You only see and hear the other side: ${reason}.` };
}

function openConnection(mine) {
  const pc = new RTCPeerConnection({ iceServers: ICE_SERVERS });
  const remote = new MediaStream();
  mine.pc = pc;
  mine.phase = 'connecting';
  mine.timer = setTimeout(() => failMedia(mine), MEDIA_TIMEOUT_MS);
  for (const track of mine.stream.getTracks()) pc.addTrack(track, mine.stream);
  pc.onconnectionstatechange = () => followConnection(mine);
  pc.onicecandidate = ({ candidate }) => request('candidate', { to: mine.partner, candidate });
  pc.ontrack = ({ track }) => {
    remote.addTrack(track);
    playRemote();
  };
  $('remote-video').srcObject = remote;
  say(`Connecting to ${mine.name}…`);
  render();
}

function sendOffer(mine) {
  return negotiate(mine, async () => {
    openConnection(mine);
    // What we cannot send we can still receive, if the offer has a place for it.
    for (const kind of ['audio', 'video']) {
      if (!tracks(kind).length) mine.pc.addTransceiver(kind, { direction: 'recvonly' });
    }
    await sendDescription(mine);
  });
}

socket.on('offer', ({ sdp, socketId }) => {
  if (!isFromPartner(socketId) || call.phase !== 'calling') return;
  const mine = call;
  negotiate(mine, async () => {
    openConnection(mine);
    await takeDescription(mine, 'offer', sdp);
    await sendDescription(mine);
  });
});

socket.on('answer', ({ sdp, socketId }) => {
  if (!isFromPartner(socketId) || call.pc?.signalingState !== 'have-local-offer') return;
  const mine = call;
  negotiate(mine, () => takeDescription(mine, 'answer', sdp));
});

socket.on('candidate', ({ candidate, socketId }) => {
  if (!isFromPartner(socketId)) return;
  if (call.pc?.remoteDescription) addCandidate(call, candidate);
  else call.candidates.push(candidate);
});

/** A closed connection rejects whatever still runs on it; that is no news once the call is over. */
async function negotiate(mine, steps) {
  try {
    await steps();
  } catch (error) {
    if (call !== mine) return;
    console.warn('The negotiation failed:', error.message);
    leaveCall(`The call with ${mine.name} failed: the browsers could not agree.`, 'error');
  }
}

/** The browser knows whether it is an offer's or an answer's turn, and the event is named after it. */
async function sendDescription(mine) {
  await mine.pc.setLocalDescription();
  if (call !== mine) return;
  const sdp = mine.pc.localDescription;
  const reply = await request(sdp.type, { to: mine.partner, sdp });
  if (!reply.ok && call === mine) leaveCall(describeRefusal(mine, reply.error), 'error');
}

/** Other clients may send the bare text of a description. */
async function takeDescription(mine, type, sdp) {
  await mine.pc.setRemoteDescription(typeof sdp === 'string' ? { type, sdp } : sdp);
  for (const candidate of mine.candidates.splice(0)) addCandidate(mine, candidate);
}

/** One useless candidate does not end a call: others may connect it. */
function addCandidate({ pc }, candidate) {
  pc.addIceCandidate(candidate).catch((error) => console.warn('Useless candidate:', error.message));
}

function followConnection(mine) {
  const { connectionState } = mine.pc;
  if (connectionState === 'failed') failMedia(mine);
  if (connectionState === 'disconnected') say(`The line to ${mine.name} is unstable…`, 'error');
  if (connectionState === 'connected') {
    clearTimeout(mine.timer);
    mine.phase = 'connected';
    say(`You are connected with ${mine.name}.`, 'good');
    render();
  }
}

function failMedia(mine) {
  leaveCall(`No media connection with ${mine.name}: a network may block it.`, 'error');
}

async function playRemote() {
  try {
    await $('remote-video').play();
  } catch (error) {
    if (error.name !== 'NotAllowedError') return;
    say('Your browser holds the sound back: click the picture or any button.', 'error');
  }
}

function tracks(kind) {
  return call?.stream?.getTracks().filter((track) => track.kind === kind) ?? [];
}

function toggle(kind) {
  for (const track of tracks(kind)) track.enabled = !track.enabled;
  render();
}

// ---- View --------------------------------------------------------------------------------------
// Names come from strangers: they reach the page as text (`textContent`), never as markup.

function say(words, tone = 'info') {
  $('status').textContent = words;
  $('status').dataset.tone = tone;
}

function render() {
  const online = socket.connected;
  const state = online ? (call?.phase ?? 'idle') : 'offline';
  const ringsNow = state === 'incoming' && document.body.dataset.state !== state;
  document.body.dataset.state = state;
  document.title = state === 'incoming' ? `${call.name} is calling` : 'Switchboard';
  $('connection').textContent = online ? 'Online' : 'Offline';
  $('join').disabled = !online;
  $('join').textContent = myName ? 'Rename' : 'Join';
  $('welcome').hidden = call !== null;
  $('incoming').hidden = state !== 'incoming';
  $('call').hidden = call === null || state === 'incoming';
  $('nobody').hidden = users.size > 0 || !online;
  if (call) renderCall();
  renderUsers(state === 'idle' && myName !== '');
  if (ringsNow || document.activeElement?.closest('[hidden], :disabled')) focusPanel();
}

/** On the panel, never on a button in it: a key still held down must not press that too. */
function focusPanel() {
  const panels = [$('incoming'), $('call'), $('people-title')];
  panels.find((panel) => !panel.hidden).focus();
}

function renderCall() {
  for (const id of ['incoming-name', 'remote-name']) $(id).textContent = call.name;
  for (const id of ['incoming-avatar', 'remote-avatar']) $(id).textContent = initial(call.name);
  $('media-note').textContent = call.note ?? '';
  renderToggle($('mute'), tracks('audio'));
  renderToggle($('camera'), tracks('video'));
}

function renderToggle(button, [track]) {
  button.disabled = !track;
  button.setAttribute('aria-pressed', track?.enabled === false);
}

/** Entries are kept and moved only when they must be, so that a button keeps the focus. */
function renderUsers(callable) {
  const list = $('users');
  const entries = new Map([...list.children].map((entry) => [entry.dataset.socketId, entry]));
  for (const [socketId, entry] of entries) if (!users.has(socketId)) entry.remove();
  const sorted = [...users].sort(([, a], [, b]) => a.localeCompare(b));
  sorted.forEach(([socketId, name], index) => {
    const entry = entries.get(socketId) ?? createEntry(socketId);
    const button = entry.querySelector('button');
    entry.querySelector('.avatar').textContent = initial(name);
    entry.querySelector('bdi').textContent = name;
    button.setAttribute('aria-label', `Call ${name}`);
    button.disabled = !callable;
    if (list.children[index] !== entry) list.insertBefore(entry, list.children[index]);
  });
}

function createEntry(socketId) {
  const entry = $('user-entry').content.firstElementChild.cloneNode(true);
  entry.dataset.socketId = socketId;
  entry.querySelector('small').textContent = socketId.slice(0, 6);
  entry.querySelector('button').addEventListener('click', () => startCall(socketId));
  return entry;
}

function initial(name) {
  return [...name][0].toUpperCase();
}

$('name').value = withStorage((storage) => storage.getItem(NAME_KEY)) ?? '';
$('join-form').addEventListener('submit', (event) => {
  event.preventDefault();
  join($('name').value);
});
$('accept').addEventListener('click', acceptCall);
$('decline').addEventListener('click', () => leaveCall('You declined the call.'));
$('hang-up').addEventListener('click', () => leaveCall('You ended the call.'));
$('call').addEventListener('click', playRemote);
$('mute').addEventListener('click', () => toggle('audio'));
$('camera').addEventListener('click', () => toggle('video'));
