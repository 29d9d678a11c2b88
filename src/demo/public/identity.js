/* Who we are, where the server asks for it: tokens are brought, renewed, and end. */
import { render, socket, state } from './state.js';
import { currentToken, forgetToken, keepToken, takeFromAddress } from './token.js';
import { $, say } from './view.js';

socket.on('welcome', ({ userId }) => {
  state.userId = userId;
  state.asksForToken = false;
});

socket.on('tokenExpiring', ({ expiresInMs }) => {
  const seconds = Math.ceil(expiresInMs / 1_000);
  askForToken(`Your token ends in ${seconds} seconds. Paste a new one to stay.`);
});

/** For a connection that was refused, with or without a token. */
export function refused({ message }) {
  const tone = currentToken() ? 'error' : 'info'; // who brought none has not done anything wrong
  signOut();
  askForToken(`The server did not let you in: “${message}”.`, tone);
}

/** Whoever comes next may be somebody else. */
export function signOut() {
  forgetToken();
  state.myName = '';
  state.asksForToken = true;
}

function askForToken(words, tone) {
  state.asksForToken = true;
  say(words, tone);
  render();
}

function bring(token) {
  state.asksForToken = false;
  if (socket.connected) return renew(token);
  keepToken(token);
  say('Connecting…');
  socket.connect();
  render();
}

/** The connection stays, and a call on it. */
function renew(token) {
  socket.emit('refreshToken', { token }, (reply) => {
    if (!reply.ok) return askForToken(`Your token was refused: ${reply.error.message}.`, 'error');
    keepToken(token);
    say('Your token was renewed.', 'good');
  });
  render();
}

function bringFromAddress() {
  const token = takeFromAddress();
  if (token) bring(token);
}

export function setUpIdentity() {
  $('token-form').addEventListener('submit', (event) => {
    event.preventDefault();
    bring($('token').value.trim());
    $('token').value = '';
  });
  $('sign-out').addEventListener('click', () => {
    forgetToken();
    location.reload();
  });
  addEventListener('hashchange', bringFromAddress);
  bringFromAddress();
}
