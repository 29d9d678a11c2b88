import { Injectable } from '@nestjs/common';
import { type EncodedEvent, encodeEvent } from '../delivery/encoded-event.js';

/** The registered peers, and the list of them as it goes over the wire, encoded once per change. */
@Injectable()
export class OnlineUsers {
  private readonly names = new Map<string, string>();
  private encoded: EncodedEvent | undefined;

  get count(): number {
    return this.names.size;
  }

  set(socketId: string, name: string): void {
    this.names.set(socketId, name);
    this.encoded = undefined;
  }

  nameOf(socketId: string): string | undefined {
    return this.names.get(socketId);
  }

  delete(socketId: string): boolean {
    const known = this.names.delete(socketId);
    if (known) this.encoded = undefined;
    return known;
  }

  asEvent(): EncodedEvent {
    return (this.encoded ??= encodeEvent('onlineUsers', Object.fromEntries(this.names)));
  }
}
