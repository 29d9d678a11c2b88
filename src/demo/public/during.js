/* What one can do while talking: mute, switch devices, share the screen, pop the picture out. */
import { openScreen, routeSound, switchDevice, tracksOf } from './media.js';
import { setUpSettings } from './settings.js';
import { $, playRemote, say, showSelf, togglePopOut } from './view.js';

/** `current` tells the running call; what is replaced on its line may have to be negotiated. */
export function setUpControls({ current, render, negotiate }) {
  function toggle(kind) {
    for (const track of tracksOf(current()?.stream, kind)) track.enabled = !track.enabled;
    render();
  }

  /** What is sent of a kind from now on. Without a line yet, it is sent from the beginning. */
  function send(mine, kind, track) {
    if (mine.line) negotiate(mine, (line) => line.replace(kind, track));
    showSelf(mine);
    render();
  }

  async function toggleShare() {
    const mine = current();
    if (mine.screen) return stopSharing(mine);
    const screen = await openScreen();
    if (!screen) return;
    if (current() !== mine || mine.screen) return screen.stop();
    screen.onended = () => stopSharing(mine); // the browser has a button of its own for that
    mine.screen = screen;
    send(mine, 'video', screen);
  }

  /** Back to the camera, if there is one. */
  function stopSharing(mine) {
    mine.screen?.stop();
    mine.screen = null;
    if (current() === mine) send(mine, 'video', tracksOf(mine.stream, 'video')[0] ?? null);
  }

  async function apply(role) {
    if (role === 'speaker') return routeSound($('remote-video'));
    const mine = current();
    if (!mine?.stream) return;
    const { kind, track } = await switchDevice(mine.stream, role);
    if (current() !== mine) return track?.stop();
    if (!track) say(`The ${role} could not be opened: choose another.`, 'error');
    else if (tracksOf(mine.stream, 'audio').length + tracksOf(mine.stream, 'video').length > 1) {
      mine.note = '';
    }
    if (kind === 'audio' || !mine.screen) send(mine, kind, track);
  }

  setUpSettings({ current: () => current()?.stream, apply });
  for (const [id, act] of Object.entries({
    call: playRemote,
    mute: () => toggle('audio'),
    camera: () => toggle('video'),
    share: toggleShare,
    'pop-out': togglePopOut,
  })) {
    $(id).addEventListener('click', act);
  }
}
