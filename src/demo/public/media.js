/* Cameras, microphones, speakers and screens: what this device has, and which of it is to be used. */

const STORE = 'switchboard.devices';
const devices = navigator.mediaDevices;
const ROLES = {
  camera: { kind: 'video', lists: 'videoinput' },
  microphone: { kind: 'audio', lists: 'audioinput' },
  speaker: { lists: 'audiooutput' },
};
const ATTEMPTS = [
  { audio: true, video: true, note: '' },
  { audio: true, video: false, note: 'Sound only: your camera could not be opened.' },
  { audio: false, video: true, note: 'Picture only: your microphone could not be opened.' },
];

export const canShare = Boolean(devices?.getDisplayMedia);

/** Ids by role: { camera, microphone, speaker }. Remembered, if the browser allows that. */
const chosen = recall();

function recall() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch {
    return {};
  }
}

export function choose(role, deviceId) {
  chosen[role] = deviceId;
  try {
    localStorage.setItem(STORE, JSON.stringify(chosen));
  } catch {
    // Then it counts until the page is left.
  }
}

/** As much as there is: both, one of them, or nothing, and then the call is receive-only. */
export async function capture() {
  if (!devices) return receiveOnly('browsers open cameras on https pages only');
  for (const { audio, video, note } of ATTEMPTS) {
    try {
      const constraints = { audio: audio && wish('microphone'), video: video && wish('camera') };
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

/** A wish, no condition: what was chosen long ago may not be plugged in today. */
function wish(role) {
  return chosen[role] ? { deviceId: chosen[role] } : true;
}

export function tracksOf(stream, kind) {
  return stream?.getTracks().filter((track) => track.kind === kind) ?? [];
}

export function stop(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** Puts the chosen device into a running stream. Tells what is to be sent now, if anything. */
export async function switchDevice(stream, role) {
  const { kind } = ROLES[role];
  const [old] = tracksOf(stream, kind);
  old?.stop(); // first: many phones open one camera at a time
  const { [kind]: track } = await open(role, kind);
  if (old) stream.removeTrack(old);
  if (!track) return { kind, track: null };
  track.enabled = old?.enabled ?? true;
  stream.addTrack(track);
  return { kind, track };
}

async function open(role, kind) {
  try {
    const stream = await devices.getUserMedia({ [kind]: wish(role) });
    return { [kind]: tracksOf(stream, kind)[0] };
  } catch {
    return {};
  }
}

/** By role, what there is to choose from: [{ id, label, chosen }]. */
export async function listDevices() {
  const all = (await devices?.enumerateDevices()) ?? [];
  return Object.fromEntries(
    Object.entries(ROLES).map(([role, { lists }]) => {
      // Until it may open them, a page gets neither ids nor names.
      const there = all.filter(({ kind, deviceId }) => kind === lists && deviceId);
      const named = there.map(({ deviceId: id, label }, index) => ({
        id,
        label: label || `${role} ${index + 1}`,
        chosen: id === chosen[role],
      }));
      return [role, named];
    }),
  );
}

export function whenDevicesChange(act) {
  devices?.addEventListener('devicechange', act);
}

/** Where the browser can, sends the sound to the chosen speaker. */
export async function routeSound(player) {
  try {
    await player.setSinkId?.(chosen.speaker ?? '');
  } catch {
    // It is gone: the usual one plays.
  }
}

/** The picture of a screen or window, or nothing if the user thinks better of it. */
export async function openScreen() {
  try {
    const [screen] = tracksOf(await devices.getDisplayMedia({ video: true }), 'video');
    screen.contentHint = 'detail'; // on a slow line fewer pictures, but legible ones
    return screen;
  } catch {
    return undefined;
  }
}
