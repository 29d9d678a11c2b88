/* Starts the page; or, without the Socket.IO client that it is made of, says what is missing. */
import { say } from './view.js';

if (globalThis.io) {
  await import('./demo.js');
} else {
  const client = new URL('../socket.io/socket.io.js', location);
  say(
    `Offline: there is no Socket.IO client at ${client}. ` +
      'A proxy that passes /demo/ has to pass /socket.io/, too.',
    'error',
  );
}
