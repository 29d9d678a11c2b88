/*
 * What the page shows. It reads the state it is given and changes nothing but the document.
 * Names come from strangers: they reach the page as text (`textContent`), never as markup.
 */
import { canShare, tracksOf } from './media.js';

export const $ = (id) => document.getElementById(id);

export function say(words, tone = 'info') {
  $('status').textContent = words;
  $('status').dataset.tone = tone;
}

/** `call` is the one we are in, `ring` the one that waits to be answered. */
export function render({ online, restless, myName, named, asksForToken, signedIn, ...known }) {
  const { me, others, userId, call, ring } = known;
  const state = online ? (call?.phase ?? (ring ? 'incoming' : 'idle')) : 'offline';
  const ringsNow = state === 'incoming' && document.body.dataset.state !== state;
  document.body.dataset.state = state;
  document.title = ring ? `${ring.name} is calling` : 'Switchboard';
  $('connection').textContent = online ? 'Online' : restless ? 'Reconnecting…' : 'Offline';
  $('join').disabled = !online;
  $('join').textContent = myName ? 'Rename' : 'Join';
  $('join-form').hidden = named;
  renderIdentity(signedIn, { userId, ...me });
  renderSignIn(asksForToken, online);
  $('welcome').hidden = Boolean(call ?? ring) || (asksForToken && !online);
  $('incoming').hidden = state !== 'incoming';
  $('call').hidden = !call;
  $('second').hidden = !call || !ring;
  $('nobody').hidden = others.size > 0 || !online;
  $('count').textContent = others.size || '';
  for (const place of document.querySelectorAll('.ring-name')) place.textContent = ring?.name;
  $('incoming-avatar').textContent = ring && initial(ring.name);
  if (call) renderCall(call);
  renderPeople(others, state === 'idle' && myName !== '');
  if (ringsNow || document.activeElement?.closest('[hidden], :disabled')) focusPanel();
}

function renderCall(call) {
  $('remote-name').textContent = call.name;
  $('remote-avatar').textContent = initial(call.name);
  $('media-note').textContent = call.screen ? 'You are sharing your screen.' : (call.note ?? '');
  $('call').classList.toggle('sharing', Boolean(call.screen));
  $('quality').hidden = call.phase !== 'connected';
  renderProgress(call);
  renderSwitch($('mute'), tracksOf(call.stream, 'audio'));
  renderSwitch($('camera'), tracksOf(call.stream, 'video'));
  $('share').hidden = !canShare;
  $('share').disabled = call.phase !== 'connected';
  $('share').setAttribute('aria-pressed', Boolean(call.screen));
  $('pop-out').hidden = call.phase !== 'connected' || !document.pictureInPictureEnabled;
}

export function renderProgress(call) {
  const seconds = Math.floor((Date.now() - call.since) / 1_000);
  const time = [Math.floor(seconds / 60), seconds % 60].map((n) => String(n).padStart(2, '0'));
  const phases = { calling: call.rings ? 'Ringing…' : 'Calling…', connecting: 'Connecting…' };
  $('progress').textContent = phases[call.phase] ?? time.join(':');
}

/** Pressed is off: the buttons say what they do. */
function renderSwitch(button, [track]) {
  button.disabled = !track;
  button.setAttribute('aria-pressed', track?.enabled === false);
}

/** Our own picture, small: the screen while we share it. */
export function showSelf({ stream, screen }) {
  const picture = screen ? new MediaStream([screen]) : stream;
  if ($('local-video').srcObject !== picture) $('local-video').srcObject = picture;
}

export function showRemote(stream) {
  $('remote-video').srcObject = stream;
}

export function playRemote() {
  $('remote-video')
    .play()
    .catch(({ name }) => {
      if (name === 'NotAllowedError') say('Click the picture to hear and see the other side.');
    });
}

export function clearCall() {
  $('local-video').srcObject = null;
  $('remote-video').srcObject = null;
  if (document.pictureInPictureElement) document.exitPictureInPicture().catch(() => {});
}

/** The other side in a window of its own, which stays in view over other applications. */
export async function togglePopOut() {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await $('remote-video').requestPictureInPicture();
  } catch {
    say('There is no picture yet that could be shown in a window of its own.');
  }
}

/** On the panel, never on a button in it: a key still held down must not press that too. */
function focusPanel() {
  const panels = [$('incoming'), $('call'), $('people-title')];
  panels.find((panel) => !panel.hidden).focus();
}

/** While connected, and maybe in a call, one line: what is asked for is the next token. */
function renderSignIn(asked, next) {
  $('sign-in').hidden = !asked;
  $('sign-in').classList.toggle('panel', !next);
  $('token-label').textContent = next ? 'Your token ends soon. The next one:' : 'Your token';
  $('token-button').textContent = next ? 'Renew' : 'Sign in';
}

/** Who we are to others, as the token has it. */
function renderIdentity(signedIn, { userId, name, devices }) {
  $('identity').hidden = !signedIn;
  $('my-name').textContent = name ?? userId;
  $('my-devices').textContent = devices > 1 ? `on ${devices} devices` : '';
}

/** Entries are kept and moved only when they must be, so that a button keeps the focus. */
function renderPeople(people, callable) {
  const list = $('users');
  const entries = new Map([...list.children].map((entry) => [entry.dataset.userId, entry]));
  for (const [userId, entry] of entries) if (!people.has(userId)) entry.remove();
  const sorted = [...people].sort(([, a], [, b]) => a.name.localeCompare(b.name));
  sorted.forEach(([userId, { name, devices, inCall }], index) => {
    const entry = entries.get(userId) ?? createEntry(userId);
    const button = entry.querySelector('button');
    const notes = [inCall && 'in a call', devices > 1 && `${devices} devices`, userId.slice(0, 12)];
    entry.querySelector('.avatar').textContent = initial(name);
    entry.querySelector('bdi').textContent = name;
    entry.querySelector('small').textContent = notes.filter(Boolean).join(' · ');
    button.setAttribute('aria-label', `Call ${name}`);
    button.disabled = !callable;
    if (list.children[index] !== entry) list.insertBefore(entry, list.children[index]);
  });
}

function createEntry(userId) {
  const entry = $('user-entry').content.firstElementChild.cloneNode(true);
  entry.dataset.userId = userId;
  return entry;
}

function initial(name) {
  return [...name][0].toUpperCase();
}
