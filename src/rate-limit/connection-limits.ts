import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import type { PeerConnection } from '../delivery/peer-socket.js';
import { ClientAddress } from './client-address.js';

/** How many connections there are, in all, of each address and of each user. */
@Injectable()
export class ConnectionLimits {
  private readonly byAddress = new Map<string, number>();
  private readonly byUser = new Map<string, number>();
  private readonly userOf = new WeakMap<PeerConnection, string>();
  private readonly onClose = closeListener(this);
  private total = 0;

  constructor(
    private readonly settings: Settings,
    private readonly addresses: ClientAddress,
  ) {}

  allows(request: IncomingMessage): boolean {
    const { MAX_CONNECTIONS: all, MAX_CONNECTIONS_PER_ADDRESS: each } = this.settings;
    if (all > 0 && this.total >= all) return false;
    return each === 0 || (this.byAddress.get(this.addresses.of(request)) ?? 0) < each;
  }

  /**
   * Counts a connection from its handshake to its end, whether or not it ever joins, for the client's
   * address, which has to be in its `remoteAddress`.
   */
  count(connection: PeerConnection): void {
    // Again: the handshakes of one pipeline are all allowed before the first of them is counted.
    if (!this.allows(connection.request)) {
      connection.close(true);
      return;
    }
    this.total += 1;
    add(this.byAddress, connection.remoteAddress, 1);
    connection.on('close', this.onClose);
  }

  /** @returns whether the user may have one more connection: this one, which counts until it ends */
  countFor(user: string, connection: PeerConnection): boolean {
    const { MAX_CONNECTIONS_PER_USER: each } = this.settings;
    if (each > 0 && (this.byUser.get(user) ?? 0) >= each) return false;
    if (connection.readyState === 'closed') return false; // its end would never be counted
    add(this.byUser, user, 1);
    this.userOf.set(connection, user);
    return true;
  }

  release(connection: PeerConnection): void {
    this.total -= 1;
    add(this.byAddress, connection.remoteAddress, -1);
    const user = this.userOf.get(connection);
    if (user !== undefined) add(this.byUser, user, -1);
  }
}

/** The same for all connections, each of which is its `this`. */
function closeListener(limits: ConnectionLimits): (this: PeerConnection) => void {
  return function () {
    limits.release(this);
  };
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
