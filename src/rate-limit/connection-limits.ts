import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import type { PeerConnection } from '../delivery/peer-socket.js';
import { ClientAddress } from './client-address.js';

/** How many connections there are, in all and of each address. */
@Injectable()
export class ConnectionLimits {
  private readonly byAddress = new Map<string, number>();
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
    this.add(address, 1);
    connection.once('close', () => this.add(address, -1));
  }

  private add(address: string, change: 1 | -1): void {
    this.total += change;
    const count = (this.byAddress.get(address) ?? 0) + change;
    if (count === 0) this.byAddress.delete(address);
    else this.byAddress.set(address, count);
  }
}
