import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { PeerMessenger } from '../../src/delivery/peer-messenger.js';
import {
  type PeerConnection,
  type SignalingServer,
  webSocketOf,
} from '../../src/delivery/peer-socket.js';
import { FastPath } from '../../src/fast-path/fast-path.js';
import { MESSAGE_CUT_BYTES } from '../../src/protocol/limits.js';
import { PayloadPipe } from '../../src/signaling/payload.pipe.js';
import { SignalingGateway } from '../../src/signaling/signaling.gateway.js';
import { PacketDecoder } from '../../src/wire/packet-decoder.js';
import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { frame, OPCODE } from '../support/raw/frames.js';
import { RawSocket } from '../support/raw/socket.js';

const NO_MESSAGES = ['constructor', 'handleConnection', 'handleDisconnect'];

describe('the fast path past what Nest, Socket.IO, Engine.IO and ws would do', () => {
  let fast: RunningApp;
  let stock: RunningApp;

  beforeAll(async () => {
    fast = await startApp();
    stock = await startApp({ FAST_PATH: 'off' });
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => Promise.all([fast.close(), stock.close()]));

  const connectionOf = ({ id }: { id: string }): PeerConnection => {
    const messenger: unknown = fast.app.get(PeerMessenger);
    const socket = (messenger as { server: SignalingServer }).server.sockets.sockets.get(id);
    if (socket === undefined) throw new Error(`${id} is not connected`);
    return socket.conn;
  };

  // Each falls back to the long way without a word when a name that it relies on is missing.
  describe('are taken, so that all the names that they rely on are still there:', () => {
    it('every handler is called without the callback that Nest made for it', () => {
      const gateway = fast.app.get(SignalingGateway);
      const handlers = Object.getOwnPropertyNames(Object.getPrototypeOf(gateway)).filter(
        (name) => !NO_MESSAGES.includes(name), // each is named like its event
      );
      const direct = fast.app.get(FastPath).handlersOf(gateway, PayloadPipe);
      expect([...direct.keys()]).toEqual(handlers);
      expect(stock.app.get(FastPath).handlersOf(gateway, PayloadPipe).size).toBe(0);
    });

    it.each([
      ['over websocket', ['websocket']],
      ['after an upgrade', ['polling', 'websocket']],
    ] as const)('events come in and go out past Engine.IO %s', async (_, transports) => {
      const peer = await Peer.connect(fast.url, { transports: [...transports] });
      await eventually(() => expect(peer.socket.io.engine.transport.name).toBe('websocket'));
      await peer.settled();
      const connection = connectionOf(peer);
      const decode = jest.spyOn(PacketDecoder.prototype, 'add');
      const write = jest.spyOn(connection, 'write');
      expect(await peer.ask('endCall', { to: null })).toMatchObject({ ok: false });
      expect(await peer.ask('register', 'Zoë')).toEqual({ ok: true, name: 'Zoë' });
      expect(decode).not.toHaveBeenCalled();
      expect(write).not.toHaveBeenCalled();
      await peer.close();
    });
  });

  describe('change nothing:', () => {
    /** Everything that two peers hear while one of them says all sorts of things. */
    async function conversation(
      server: RunningApp,
      transports: ('websocket' | 'polling')[],
    ): Promise<unknown> {
      const [ana, bo] = await Promise.all([
        Peer.connect(server.url, { transports }),
        Peer.connect(server.url, { transports }),
      ]);
      const answers: unknown[] = [];
      const to = bo.id;
      const line = { candidate: 'ü€😀', sdpMid: null, sdpMLineIndex: 0, surplus: {} };
      const said: [event: string, ...args: unknown[]][] = [
        ['register', 'Ana <b>'],
        ['register', '\u202e'],
        ['candidate', { to, candidate: line, surplus: 1 }],
        ['candidate', { to, candidate: null }, 'surplus'],
        ['candidate', { to, candidate: { candidate: Buffer.from('x') } }],
        ['candidate', { to: '', candidate: line }],
        ['candidate', null],
        ['candidate', [1, 2]],
        ['candidate'],
        ['offer', { to, sdp: { type: 'offer', sdp: 'v=0\r\n'.repeat(900) } }],
        ['offer', { to, sdp: { type: 'no', sdp: '' } }],
        ['answer', { to, sdp: 'x'.repeat(70_000) }],
        ['call', { to: 'nobody' }],
        ['call', { to: ana.id }],
        ['no such event', 1],
        ['endCall', { to: null }],
      ];
      for (const [event, ...args] of said) {
        answers.push(await ana.ask(event, ...args));
        ana.tell(event, ...args);
      }
      await Promise.all([ana.settled(), bo.settled()]);
      const ids = new Map([ana.id, bo.id].map((id, i) => [id, `peer ${i}`]));
      const heard = JSON.stringify([answers, ana.received, bo.received], (_, value: unknown) =>
        typeof value === 'string' ? (ids.get(value) ?? value) : value,
      );
      await Promise.all([ana.close(), bo.close()]);
      return (JSON.parse(heard) as unknown[]).map((list) =>
        (list as { event?: string }[]).filter(({ event }) => !event?.startsWith('user')),
      );
    }

    it('a conversation is the same with and without them, over every transport', async () => {
      const expected = await conversation(stock, ['websocket']);
      for (const server of [fast, stock]) {
        expect(await conversation(server, ['websocket'])).toEqual(expected);
        expect(await conversation(server, ['polling'])).toEqual(expected);
        expect(await conversation(server, ['polling', 'websocket'])).toEqual(expected);
      }
    });

    it('600 frames, cut anywhere, some in pieces, arrive whole and in order', async () => {
      const bo = await Peer.connect(fast.url);
      const { raw } = await RawSocket.connect(fast.url);
      const text = (i: number) =>
        i % 3 === 0 ? 'é€😀'.repeat(i % 200) : 'x'.repeat((i * 7) % 900);
      const frames = Array.from({ length: 600 }, (_, i) => {
        const payload = { to: bo.id, candidate: { candidate: `${i} ${text(i)}`, sdpMid: '0' } };
        const event = Buffer.from(`42${i}${JSON.stringify(['candidate', payload])}`);
        if (i % 17 === 5) return frame(OPCODE.text, Buffer.from(`42${i}["no such event"]`));
        if (i % 41 !== 7) return frame(OPCODE.text, event);
        return Buffer.concat([
          frame(OPCODE.text, event.subarray(0, 20), false),
          frame(OPCODE.ping, Buffer.alloc(0)),
          frame(OPCODE.continuation, event.subarray(20)),
        ]);
      });
      const bytes = Buffer.concat(frames);
      for (let at = 0, i = 0; at < bytes.length; i += 1) {
        const length = 1 + ((i * 7_919) % (i % 5 === 0 ? 7 : 4_000));
        raw.write(bytes.subarray(at, (at += length)));
        if (i % 3 === 0) await new Promise(setImmediate);
      }
      await raw.hears('43599[');
      const acks = raw.heard.filter((packet) => packet.startsWith('43'));
      expect(acks.map((packet) => parseInt(packet.slice(2)))).toEqual([...frames.keys()]);
      await bo.settled();
      const relayed = bo.all('candidate').map(({ candidate }) => candidate?.candidate);
      const sent = [...frames.keys()].filter((i) => i % 17 !== 5);
      expect(relayed).toEqual(sent.map((i) => `${i} ${text(i)}`));
      await raw.close();
      await bo.close();
    });

    const illegal = Object.entries({
      'without a mask': Buffer.from([0x81, 2, 52, 50]),
      'with a reserved bit': frame(0x41, Buffer.from('42["x"]')),
      'with an unknown opcode': frame(3, Buffer.from('42["x"]')),
      'that continue nothing': frame(OPCODE.continuation, Buffer.from('42["x"]')),
      'of text that is none': frame(OPCODE.text, Buffer.from('42["register","\xff"]', 'latin1')),
      'that are too large': frame(OPCODE.text, Buffer.alloc(MESSAGE_CUT_BYTES + 1, '4')),
      'of binary that nobody announced': frame(OPCODE.binary, Buffer.from('42["x"]')),
      'that are no packet': frame(OPCODE.text, Buffer.from('4{')),
      'of half an event': frame(OPCODE.text, Buffer.from('42["register"')),
      'of a reserved event': frame(OPCODE.text, Buffer.from('42["connect"]')),
      'of a goodbye': frame(OPCODE.text, Buffer.from('41')),
      'that close': frame(OPCODE.close, Buffer.from([3, 232])),
    });

    /** The code of the end, and whether an event behind, in the same segment, was still handled. */
    async function endOf(server: RunningApp, bytes: Buffer, pause = false): Promise<unknown> {
      const { raw } = await RawSocket.connect(server.url);
      const event = frame(OPCODE.text, Buffer.from('427["getOnlineUsers"]'));
      if (pause) {
        raw.write(bytes);
        await setTimeout(50);
        raw.write(event);
      } else raw.write(Buffer.concat([bytes, event]));
      await raw.isClosed();
      return { code: raw.closeCode, handled: raw.heard.some((text) => text.startsWith('437')) };
    }

    it.each([
      ['the pieces of another', frame(OPCODE.text, Buffer.from('42["x'), false)],
      ['the first byte of an illegal one', Buffer.from([0xc1])],
      [
        'one that awaits an attachment',
        frame(OPCODE.text, Buffer.from('451-["x",{"_placeholder":true,"num":0}]')),
      ],
    ])('an event behind %s ends a connection as it would without', async (_, bytes) => {
      expect(await endOf(fast, bytes, true)).toEqual(await endOf(stock, bytes, true));
    });

    it('what comes in within the same tick overtakes nothing', async () => {
      const { raw, id } = await RawSocket.connect(fast.url);
      const webSocket = webSocketOf(connectionOf({ id }));
      const { _socket: tcp } = webSocket as unknown as { _socket: Duplex };
      tcp.emit('data', frame(OPCODE.text, Buffer.from('421["no such event"]')));
      tcp.emit('data', frame(OPCODE.text, Buffer.from('422["getOnlineUsers"]')));
      await raw.hears('432');
      const acks = raw.heard.filter((packet) => packet.startsWith('43'));
      expect(acks.map((packet) => packet.slice(0, 3))).toEqual(['431', '432']);
      await raw.close();
    });

    it.each(illegal)('frames %s end a connection as they would without', async (_, bytes) => {
      expect(await endOf(fast, bytes)).toEqual(await endOf(stock, bytes));
    });
  });
});
