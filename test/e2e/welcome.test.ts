import { callStage, heard } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

describe.each([
  { environment: { CALLS_REQUIRED: 'off' }, features: ['calls', 'watch-presence'] },
  {
    environment: { CALLS_REQUIRED: 'on' },
    features: ['calls', 'watch-presence', 'calls-required'],
  },
])('a server that offers $features', ({ environment, features }) => {
  const stage = callStage(environment);

  it('welcomes a client of protocol 2 with who it is and what holds here', async () => {
    const peer = await Peer.connect(stage.server.url, { auth: { protocol: 2, more: 'ignored' } });
    try {
      await peer.settled();
      expect(heard(peer)).toEqual([
        [
          'welcome',
          {
            socketId: peer.id,
            userId: peer.id,
            protocol: 2,
            limits: {
              nameMaxCharacters: 64,
              sdpMaxBytes: 65_536,
              candidateMaxBytes: 4_096,
              messageMaxBytes: 102_400,
            },
            features,
          },
        ],
      ]);
    } finally {
      await peer.close();
    }
  });
});

describe('the welcome', () => {
  const stage = callStage();

  it('is the first thing that a client hears, whatever goes on around it', async () => {
    const [ana] = await stage.enter('tutorial');
    const peers = Array.from({ length: 10 }, () =>
      Peer.connecting(stage.server.url, { auth: { protocol: 2 } }),
    );
    try {
      // Hints go to everybody, and these peers send the moment they can.
      for (const peer of peers) {
        peer.tell('register', 'Ben');
        peer.tell('getOnlineUsers');
        peer.tell('call', { to: ana.id });
      }
      await eventually(() => {
        ana.tell('register', 'Ana');
        for (const peer of peers) expect(peer.all('onlineUsers')).not.toHaveLength(0);
      });
      for (const { received } of peers) {
        expect(received.findIndex(({ event }) => event === 'welcome')).toBe(0);
        expect(received.findLastIndex(({ event }) => event === 'welcome')).toBe(0);
      }
    } finally {
      await Promise.all(peers.map((peer) => peer.close()));
    }
  });

  it('comes again with a new connection', async () => {
    const peer = await Peer.connect(stage.server.url, { auth: { protocol: 2 } });
    try {
      await peer.settled();
      peer.socket.disconnect().connect();
      await eventually(() => expect(peer.all('welcome')).toHaveLength(2));
      expect(peer.all('welcome')[1]?.socketId).toBe(peer.id);
    } finally {
      await peer.close();
    }
  });

  it.each(['2', '2.0', ' 2 '])(
    'is for a client that says %j, too: some can only say texts',
    async (protocol) => {
      const peer = await Peer.connect(stage.server.url, { auth: { protocol } });
      try {
        expect(await peer.next('welcome')).toMatchObject({ socketId: peer.id, protocol: 2 });
        expect(await peer.ask('watchPresence')).toMatchObject({ ok: true });
      } finally {
        await peer.close();
      }
    },
  );

  it.each([
    undefined,
    {},
    { protocol: '1' },
    { protocol: '22' },
    { protocol: 'two' },
    { protocol: '' },
    { protocol: 'true' },
    { protocol: ['2'] },
    { protocol: 1 },
    { protocol: 3 },
    { protocol: 2.5 },
    { protocol: null },
    { protocol: true },
    { protocol: [2] },
    { protocol: { valueOf: 2 } },
    { Protocol: 2 },
    { auth: { protocol: 2 } },
  ])('is not for a client that says %j', async (auth) => {
    const peer = await Peer.connect(stage.server.url, auth === undefined ? {} : { auth });
    try {
      const [ana] = await stage.enter('protocol 2');
      const { ok } = await peer.ask('call', { to: ana.id });
      await ana.ask('accept', { callId: (await ana.next('call')).callId });
      await peer.settled();
      expect(ok).toBe(true);
      expect(heard(peer)).toEqual([]);
    } finally {
      await peer.close();
    }
  });
});
