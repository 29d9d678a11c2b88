import type { PeerSocket } from '../delivery/peer-socket.js';
import { bearerOf, withoutBearer } from '../protocol/bearer.js';

/** What a client says in the handshake; nothing else reads its `auth`, which may hold anything. */
interface Auth {
  readonly protocol?: unknown;
  readonly token?: unknown;
}

/** A number, or a text that means one: Java's and Android's stock client has only texts. */
export function protocolOf({ handshake }: PeerSocket): 1 | 2 {
  const { protocol } = handshake.auth as Auth;
  return protocol === 2 || (typeof protocol === 'string' && Number(protocol) === 2) ? 2 : 1;
}

/** Never from the URL, which ends up in the logs of whatever is in between. */
export function tokenOf({ handshake }: PeerSocket): unknown {
  const { token } = handshake.auth as Auth;
  return withoutBearer(token) ?? bearerOf(handshake.headers.authorization ?? '');
}
