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
 */

/** STUN and TURN servers, for peers that are not on one network: [{ urls: 'stun:…' }]. */
const ICE_SERVERS = [];
const MEDIA_TIMEOUT_MS = 30_000;
const MEDIA_ATTEMPTS = [
  { audio: true, video: true, note: '' },
  { audio: true, video: false, note: 'Sound only: your camera could not be opened.' },
  { audio: false, video: true, note: 'Picture only: your microphone could not be opened.' },
];
/** Pitches in hertz, and for how many seconds of every so many they sound. */
const TONES = {
  ring: { pitches: [620, 780], seconds: 0.9, every: 2.4, volume: 0.08 },
  ringback: { pitches: [440, 480], seconds: 1.2, every: 4, volume: 0.04 },
  waiting: { pitches: [440], seconds: 0.2, every: 5, volume: 0.03 },
};
/** What became of a call, in words that follow the name of the other side. */
const OUTCOMES = {
  cancelled: 'cancelled: you missed the call.',
  missed: 'called, and you missed it.',
  declined: 'declined your call.',
  busy: 'is busy in another call.',
  no_answer: 'gave no answer.',
  failed: 'could not connect with you: a network may block sound and picture.',
  hangup: 'hung up.',
  disconnected: 'was disconnected, and the call ended.',
  answered_elsewhere: 'was answered on another device of yours.',
  shutdown: 'and you were cut off: the server is restarting.',
  unavailable: 'cannot be reached any more.',
  call_not_found: 'is no longer calling.',
};

const $ = (id) => document.getElementById(id);
const socket = io({ auth: { protocol: 2 } });

let myName = '';
let users = new Map();
/** The one call we are in: { id, partner, name, phase, stream, pc, … }, or null. */
let call = null;
/** Calls that ring here, by id, the longest waiting first. */
const rings = new Map();

// ---- Connection --------------------------------------------------------------------------------

let restarting = false;
socket.on('draining', () => (restarting = true));

socket.on('connect', () => {
  restarting = false;
  render();
  socket.emit('getOnlineUsers');
  if (myName) join(myName);
  else say('Connected. Type your name to join.');
});

socket.on('disconnect', () => {
  const reason = restarting ? 'The server is restarting' : 'The connection to the server was lost';
  const consequence = call ? `, and your call with ${call.name} has ended` : '';
  const next = socket.active ? 'Reconnecting…' : 'Reload the page to try again.';
  users.clear();
  rings.clear();
  // The media might go on, but whoever comes back has a new socket id and is a stranger to the peer.
  closeCall(`${reason}${consequence}. ${next}`, 'error');
});

socket.on('connect_error', (error) => {
  const reason = socket.active
    ? 'the server cannot be reached. Trying again…'
    : `the server refused (${error.message}). Reload the page to try again.`;
  say(`Not connected: ${reason}`, 'error');
});

// ---- Presence ----------------------------------------------------------------------------------

function join(name) {
  socket.emit('register', name, (reply) => {
    if (!reply.ok) return say(`The name “${name}” was refused: ${reply.error.message}.`, 'error');
    myName = reply.name;
    say(`You are online as ${myName}.`, 'good');
    render();
  });
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
  render();
});

// ---- Calling -----------------------------------------------------------------------------------
// Whatever waits holds on to "its" call as `mine`, and afterwards asks whether `call` is still it.

async function startCall(socketId) {
  if (call || !users.has(socketId)) return;
  const mine = { partner: socketId, name: users.get(socketId), phase: 'calling', candidates: [] };
  call = mine;
  say(`Starting your camera and microphone to call ${mine.name}…`);
  if (!(await openMedia(mine))) return;

  mine.placed = true;
  say(`Calling ${mine.name}…`);
  // Not `emitWithAck`: a promise would go on only after the next message, which may need the id.
  socket.emit('call', { to: socketId }, (reply) => {
    rings.delete(reply.callId);
    if (call !== mine) return render();
    if (!reply.ok) return closeCall(describe(mine, reply.error.code, reply.error.message), 'error');
    mine.id = reply.callId;
    // Two who call each other at the same time have both said yes; one of them is to offer.
    if (reply.role === 'callee') negotiate(mine);
  });
}

socket.on('call', ({ callId, from, name = 'Somebody without a name' }) => {
  if (isOurs(callId)) return; // it crossed ours, and the reply to ours was faster
  rings.set(callId, { id: callId, partner: from, name, phase: 'incoming', candidates: [] });
  socket.emit('ringing', { callId });
  if (call?.partner !== from) say(`${name} is calling you.`);
  render();
});

socket.on('ringing', ({ callId }) => {
  if (!isOurs(callId)) return;
  call.rings = true;
  say(`Ringing: waiting for ${call.name} to answer.`);
  render();
});

/** Answers at once: the caller need not ring on while the browser asks us for permission. */
function acceptCall(mine) {
  if (!rings.delete(mine?.id)) return;
  if (call) leaveCall();
  call = Object.assign(mine, { phase: 'connecting', placed: true });
  say(`Starting your camera and microphone to answer ${mine.name}…`);
  render();
  socket.emit('accept', { callId: mine.id }, async (reply) => {
    if (call !== mine) return;
    if (!reply.ok) closeCall(describe(mine, reply.error.code, reply.error.message), 'error');
    else if (await openMedia(mine)) negotiate(mine);
  });
}

socket.on('callAccepted', ({ callId }) => {
  if (isOurs(callId)) connecting(call);
});

function declineCall(ring) {
  if (!rings.delete(ring?.id)) return;
  socket.emit('endCall', { callId: ring.id, reason: call ? 'busy' : undefined });
  say(`You declined the call from ${ring.name}.`);
  render();
}

socket.on('endCall', ({ callId, reason }) => {
  const ended = isOurs(callId) ? call : rings.get(callId);
  if (!ended) return;
  const words = describe(ended, reason === 'timeout' ? timeoutIn(ended.phase) : reason);
  rings.delete(callId);
  if (ended === call) return closeCall(words, reason === 'hangup' ? 'info' : 'error');
  say(words);
  render();
});

/** Hang up or cancel: tell the server, then clean up here. */
function leaveCall(words, tone, reason) {
  // `to` counts as long as the server has not told us the id.
  if (call.placed) socket.emit('endCall', { callId: call.id, to: call.partner, reason });
  closeCall(words, tone);
}

function closeCall(words, tone) {
  clearTimeout(call?.timer);
  clearInterval(call?.clock);
  call?.pc?.close();
  call?.stream?.getTracks().forEach((track) => track.stop());
  call = null;
  $('local-video').srcObject = null;
  $('remote-video').srcObject = null;
  if (words) say(words, tone);
  render();
}

function isOurs(callId) {
  return callId !== undefined && call?.id === callId;
}

/** With the server's own words for what has none here. */
function describe({ name }, outcome, otherwise = 'the call has ended') {
  return outcome in OUTCOMES ? `${name} ${OUTCOMES[outcome]}` : `${name}: ${otherwise}.`;
}

function timeoutIn(phase) {
  return { incoming: 'missed', calling: 'no_answer' }[phase] ?? 'failed';
}

// ---- Media -------------------------------------------------------------------------------------

/** Says whether the call still stands: it may have ended while the browser asked for permission. */
async function openMedia(mine) {
  render();
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
  for (const track of mine.stream.getTracks()) pc.addTrack(track, mine.stream);
  pc.onconnectionstatechange = () => followConnection(mine);
  pc.onicecandidate = ({ candidate }) => socket.emit('candidate', { callId: mine.id, candidate });
  pc.ontrack = ({ track }) => {
    remote.addTrack(track);
    playRemote();
  };
  $('remote-video').srcObject = remote;
  mine.timer = setTimeout(() => failCall(mine), MEDIA_TIMEOUT_MS);
  connecting(mine);
  return pc;
}

function connecting(mine) {
  mine.phase = 'connecting';
  say(`Connecting to ${mine.name}…`);
  render();
}

// The first offer opens the media; other clients may send more, to change what is running.
for (const type of ['offer', 'answer']) {
  socket.on(type, ({ sdp, callId }) => {
    if (isOurs(callId) && call.stream) negotiate(call, type, sdp);
  });
}

/** With what the other side offered or answered; or without, and then it is we who offer. */
async function negotiate(mine, type, sdp) {
  try {
    const pc = (mine.pc ??= openConnection(mine));
    if (sdp) {
      // Other clients may send the bare text of a description.
      await pc.setRemoteDescription(typeof sdp === 'string' ? { type, sdp } : sdp);
      mine.candidates.splice(0).forEach((candidate) => addCandidate(pc, candidate));
    } else {
      // What we cannot send we can still receive, if the offer has a place for it.
      const lacking = ['audio', 'video'].filter((kind) => !tracks(kind).length);
      lacking.forEach((kind) => pc.addTransceiver(kind, { direction: 'recvonly' }));
    }
    if (type === 'answer') return;
    await pc.setLocalDescription();
    const { localDescription } = pc;
    socket.emit(localDescription.type, { callId: mine.id, sdp: localDescription });
  } catch (error) {
    // A closed connection rejects whatever still runs on it; that is no news once the call is over.
    if (call !== mine) return;
    console.warn('The negotiation failed:', error.message);
    failCall(mine);
  }
}

socket.on('candidate', ({ candidate, callId }) => {
  if (!isOurs(callId)) return;
  if (call.pc?.remoteDescription) addCandidate(call.pc, candidate);
  else call.candidates.push(candidate);
});

/** One useless candidate does not end a call: others may connect it. */
function addCandidate(pc, candidate) {
  pc.addIceCandidate(candidate).catch((error) => console.warn('Useless candidate:', error.message));
}

function followConnection(mine) {
  const { connectionState } = mine.pc;
  if (connectionState === 'failed') failCall(mine);
  if (connectionState === 'disconnected') say(`The line to ${mine.name} is unstable…`, 'error');
  if (connectionState !== 'connected') return;
  clearTimeout(mine.timer);
  mine.phase = 'connected';
  mine.since ??= Date.now();
  mine.clock ??= setInterval(renderProgress, 1_000);
  say(`You are connected with ${mine.name}.`, 'good');
  render();
}

function failCall(mine) {
  leaveCall(describe(mine, 'failed'), 'error', 'failed');
}

function playRemote() {
  $('remote-video')
    .play()
    .catch(({ name }) => {
      if (name === 'NotAllowedError') say('Click the picture to hear and see the other side.');
    });
}

function tracks(kind) {
  return call?.stream?.getTracks().filter((track) => track.kind === kind) ?? [];
}

function toggle(kind) {
  for (const track of tracks(kind)) track.enabled = !track.enabled;
  render();
}

// ---- Tones -------------------------------------------------------------------------------------

let sounding = { name: null, speaker: null };

/** Silences what sounds, at once. Where the browser forbids sound, it rings for the eyes only. */
function sound(name) {
  if (sounding.name === name) return;
  sounding.speaker?.close();
  sounding = { name, speaker: name && new AudioContext() };
  if (name) playTone(sounding.speaker, TONES[name]);
}

function playTone(speaker, { pitches, seconds, every, volume }) {
  const loudness = new GainNode(speaker, { gain: 0 });
  loudness.connect(speaker.destination);
  for (let start = 0; start < 300; start += every) {
    loudness.gain.setTargetAtTime(volume, start, 0.02);
    loudness.gain.setTargetAtTime(0, start + seconds, 0.04);
  }
  for (const frequency of pitches) {
    const oscillator = new OscillatorNode(speaker, { frequency });
    oscillator.connect(loudness);
    oscillator.start();
  }
}

// ---- View --------------------------------------------------------------------------------------
// Names come from strangers: they reach the page as text (`textContent`), never as markup.

function say(words, tone = 'info') {
  $('status').textContent = words;
  $('status').dataset.tone = tone;
}

/** The one that waits longest; a call from the one we are calling is about to become ours. */
function waitingRing() {
  return [...rings.values()].find(({ partner }) => partner !== call?.partner);
}

function render() {
  const online = socket.connected;
  const ring = waitingRing();
  const state = online ? (call?.phase ?? (ring ? 'incoming' : 'idle')) : 'offline';
  const ringsNow = state === 'incoming' && document.body.dataset.state !== state;
  document.body.dataset.state = state;
  document.title = ring ? `${ring.name} is calling` : 'Switchboard';
  $('connection').textContent = online ? 'Online' : 'Offline';
  $('join').disabled = !online;
  $('join').textContent = myName ? 'Rename' : 'Join';
  $('welcome').hidden = Boolean(call ?? ring);
  $('incoming').hidden = state !== 'incoming';
  $('call').hidden = !call;
  $('second').hidden = !call || !ring;
  $('nobody').hidden = users.size > 0 || !online;
  for (const place of document.querySelectorAll('.ring-name')) place.textContent = ring?.name;
  $('incoming-avatar').textContent = ring && initial(ring.name);
  if (call) renderCall();
  renderUsers(state === 'idle' && myName !== '');
  if (ringsNow || document.activeElement?.closest('[hidden], :disabled')) focusPanel();
  if (call) sound(ring ? 'waiting' : state === 'calling' && call.rings ? 'ringback' : null);
  else sound(ring ? 'ring' : null);
}

function renderCall() {
  $('remote-name').textContent = call.name;
  $('remote-avatar').textContent = initial(call.name);
  $('media-note').textContent = call.note ?? '';
  renderProgress();
  renderToggle($('mute'), tracks('audio'));
  renderToggle($('camera'), tracks('video'));
}

function renderProgress() {
  const seconds = Math.floor((Date.now() - call.since) / 1_000);
  const time = [Math.floor(seconds / 60), seconds % 60].map((n) => String(n).padStart(2, '0'));
  const phases = { calling: call.rings ? 'Ringing…' : 'Calling…', connecting: 'Connecting…' };
  $('progress').textContent = phases[call.phase] ?? time.join(':');
}

function renderToggle(button, [track]) {
  button.disabled = !track;
  button.setAttribute('aria-pressed', track?.enabled === false);
}

/** On the panel, never on a button in it: a key still held down must not press that too. */
function focusPanel() {
  const panels = [$('incoming'), $('call'), $('people-title')];
  panels.find((panel) => !panel.hidden).focus();
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

$('join-form').addEventListener('submit', (event) => {
  event.preventDefault();
  join($('name').value);
});
for (const [id, act] of Object.entries({
  accept: () => acceptCall(waitingRing()),
  decline: () => declineCall(waitingRing()),
  'second-accept': () => acceptCall(waitingRing()),
  'second-decline': () => declineCall(waitingRing()),
  'hang-up': () => leaveCall('You ended the call.'),
  call: playRemote,
  mute: () => toggle('audio'),
  camera: () => toggle('video'),
})) {
  $(id).addEventListener('click', act);
}
