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

  /** Counts a connection from its handshake to its end, whether or not it ever joins. */
  count(connection: PeerConnection): void {
    // Again: the handshakes of one pipeline are all allowed before the first of them is counted.
    if (!this.allows(connection.request)) {
      connection.close(true);
      return;
    }
    const address = this.addresses.of(connection.request);
    this.total += 1;
    add(this.byAddress, address, 1);
    connection.once('close', () => {
      this.total -= 1;
      add(this.byAddress, address, -1);
    });
  }

  /** @returns whether the user may have one more connection: this one, which counts until it ends */
  countFor(user: string, connection: PeerConnection): boolean {
    const { MAX_CONNECTIONS_PER_USER: each } = this.settings;
    if (each > 0 && (this.byUser.get(user) ?? 0) >= each) return false;
    if (connection.readyState === 'closed') return false; // its end would never be counted
    add(this.byUser, user, 1);
    connection.once('close', () => add(this.byUser, user, -1));
    return true;
  }
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
