import { type Packet, PacketType } from 'socket.io-parser';
import { AckRequest } from '../delivery/ack-request.js';
import { PacketDecoder } from './packet-decoder.js';

function decoded(...frames: unknown[]): Packet[] {
  const packets: Packet[] = [];
  const decoder = new PacketDecoder();
  decoder.on('decoded', (packet) => packets.push(packet));
  for (const frame of frames) decoder.add(frame);
  return packets;
}

describe('PacketDecoder', () => {
  it('hands an event without an acknowledgement on as it is', () => {
    expect(decoded('2["call",{"to":"a"}]')).toEqual([
      { type: PacketType.EVENT, nsp: '/', data: ['call', { to: 'a' }] },
    ]);
  });

  it.each([
    ['an event', '27["call",{"to":"a"}]', ['call', { to: 'a' }]],
    ['an event without a payload', '27["call"]', ['call']],
    ['no event at all', '27', []],
  ])('puts the acknowledgement request of %s last', (_, frame, args) => {
    const [packet] = decoded(frame);
    expect(packet).toEqual({
      type: PacketType.EVENT,
      nsp: '/',
      data: [...args, new AckRequest(7)],
    });
  });

  it('does so for an event with binaries, too', () => {
    const [packet] = decoded('51-7["call",{"_placeholder":true,"num":0}]', Buffer.from('x'));
    expect(packet?.data).toEqual(['call', Buffer.from('x'), new AckRequest(7)]);
    expect(packet?.id).toBeUndefined();
  });

  it('takes no payload for a request', () => {
    const [packet] = decoded('2["call",{"id":7}]');
    expect((packet?.data as unknown[]).some((arg) => arg instanceof AckRequest)).toBe(false);
  });

  it.each([
    ['a CONNECT', '0{"protocol":2}', { type: PacketType.CONNECT, data: { protocol: 2 } }],
    ['an acknowledgement', '37["x"]', { type: PacketType.ACK, id: 7, data: ['x'] }],
  ])('leaves %s alone', (_, frame, packet) => {
    expect(decoded(frame)).toEqual([{ nsp: '/', ...packet }]);
  });

  it.each([
    ['as every client writes it', '0'],
    ['with a namespace that goes without saying', '0/,'],
  ])('takes a second CONNECT %s for a violation', (_, connect) => {
    const decoder = new PacketDecoder();
    decoder.add('0');
    expect(() => decoder.add(connect)).toThrow();
  });

  it('leaves those to other namespaces to Socket.IO', () => {
    expect(decoded('0/a,', '0', '0/b,')).toHaveLength(3);
  });

  it('says when nothing but an attachment may come', () => {
    const decoder = new PacketDecoder();
    expect(decoder.awaitsAttachment).toBe(false);
    decoder.add('51-["call",{"_placeholder":true,"num":0}]');
    expect(decoder.awaitsAttachment).toBe(true);
    decoder.add(Buffer.from('x'));
    expect(decoder.awaitsAttachment).toBe(false);
  });
});
