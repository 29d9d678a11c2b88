import { Decoder, type Packet, PacketType } from 'socket.io-parser';
import { AckRequest } from '../delivery/ack-request.js';

/** Of one connection: what it sends, as Socket.IO understands it. */
export class PacketDecoder extends Decoder {
  private connects = 0;

  constructor() {
    super();
    this.on('decoded', onDecoded);
  }

  /** Whether anything but an attachment would now be a violation of the protocol. */
  get awaitsAttachment(): boolean {
    // A private name of the parser's. Null, and not undefined, once there has been one.
    return Boolean((this as unknown as { reconstructor?: object | null }).reconstructor);
  }

  /**
   * Socket.IO makes a peer of every CONNECT that comes before the first is admitted, and one payload
   * of long-polling holds thousands. Those to other namespaces it refuses by itself.
   *
   * @throws {Error} which Socket.IO takes for a violation, and closes the connection
   */
  countConnect({ nsp }: Packet): void {
    if (nsp !== '/') return;
    this.connects += 1;
    if (this.connects > 1) throw new Error('connected already');
  }
}

function onDecoded(this: PacketDecoder, packet: Packet): void {
  if (packet.type === PacketType.CONNECT) this.countConnect(packet);
  else if (packet.type === PacketType.EVENT) takeAckId(packet);
}

/**
 * Hands an event on with its acknowledgement request as its last argument, where Socket.IO would put
 * a function that sends past the one emitter.
 */
function takeAckId(packet: Packet): void {
  if (packet.id === undefined) return;
  packet.data = [...((packet.data as unknown[] | undefined) ?? []), new AckRequest(packet.id)];
  delete packet.id;
}
