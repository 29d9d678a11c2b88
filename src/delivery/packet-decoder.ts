import { Decoder, type Packet, PacketType } from 'socket.io-parser';
import { AckRequest } from './ack-request.js';

/**
 * Hands an event on with its acknowledgement request as its last argument, where Socket.IO would put
 * a function that sends past the one emitter.
 */
export class PacketDecoder extends Decoder {
  constructor() {
    super();
    this.on('decoded', takeAckId);
  }
}

function takeAckId(packet: Packet): void {
  if (packet.type !== PacketType.EVENT || packet.id === undefined) return;
  packet.data = [...((packet.data as unknown[] | undefined) ?? []), new AckRequest(packet.id)];
  delete packet.id;
}
