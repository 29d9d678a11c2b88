/* The dialog in which one chooses camera, microphone and speaker. */
import { capture, choose, listDevices, stop, whenDevicesChange } from './media.js';
import { $ } from './view.js';

const ROLES = ['camera', 'microphone', 'speaker'];
const dialog = $('settings');
/** What the dialog itself has opened, to look into the mirror before a call. */
let preview = null;

/**
 * `current` is the stream of the running call, if there is one, and `apply` brings a new choice
 * into it.
 */
export function setUpSettings({ current, apply }) {
  for (const button of document.querySelectorAll('.open-settings')) {
    button.addEventListener('click', () => open(current));
  }
  for (const role of ROLES) {
    $(role + '-choice').addEventListener('change', async ({ target }) => {
      choose(role, target.value);
      await apply(role);
      if (role !== 'speaker') await look(current);
    });
  }
  $('settings-close').addEventListener('click', closeSettings);
  dialog.addEventListener('close', leave);
  // A click beside the dialog hits the dialog itself, as its content covers all of it.
  dialog.addEventListener('click', ({ target }) => target === dialog && closeSettings());
  whenDevicesChange(() => dialog.open && showChoices());
}

async function open(current) {
  dialog.showModal();
  await showChoices();
  await look(current);
  await showChoices(); // now that they may be opened, they have names
}

/** The picture that the others see; before a call one opened for that only. */
async function look(current) {
  leave();
  if (!dialog.open) return;
  if (current()) return showPreview(current(), '');
  const { stream, note } = await capture();
  if (!dialog.open || current()) return stop(stream);
  stop(preview);
  preview = stream;
  showPreview(stream, note);
}

function showPreview(stream, note) {
  $('preview').srcObject = stream;
  $('preview-note').textContent = note;
}

function leave() {
  stop(preview);
  preview = null;
  $('preview').srcObject = null;
}

export function closeSettings() {
  if (dialog.open) dialog.close();
}

async function showChoices() {
  const choices = await listDevices();
  for (const role of ROLES) {
    const select = $(role + '-choice');
    const options = choices[role].map(({ id, label, chosen }) => {
      const option = document.createElement('option');
      Object.assign(option, { value: id, textContent: label, selected: chosen });
      return option;
    });
    select.replaceChildren(...options);
    select.disabled = options.length === 0;
    select.closest('.choice').hidden = role === 'speaker' && !('setSinkId' in $('remote-video'));
  }
}
