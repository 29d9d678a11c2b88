import { startApp, type RunningApp } from '../support/app.js';
import { Peer } from '../support/peer.js';
import { Bystanders, besidesPresence } from '../support/raw/bystanders.js';
import { RawSocket } from '../support/raw/socket.js';

const DEEP = 5_000;
/** Text, because a client that walks its own messages would overflow before the server could. */
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const nestedObjects = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
const keys = (count: number): string =>
  Array.from({ length: count }, (_, index) => `"${index.toString(36)}":0`).join(',');
const zeros = (count: number): string => `[${'0,'.repeat(count - 1)}0]`;

const ok = expect.objectContaining({ ok: true }) as unknown;
const invalidPayload = {
  ok: false,
  error: { code: 'invalid_payload', message: expect.any(String) as unknown },
};

describe('hostile structures', () => {
  let server: RunningApp;
  let bystanders: Bystanders;
  let victim: Peer;
  let eve: RawSocket;
  let eveId: string;
  let asked = 0;

  /** Sends an event whose payload is this JSON text, and resolves with its acknowledgement. */
  const ask = async (event: string, payload: string): Promise<unknown> => {
    const id = (asked += 1);
    eve.say(`42${id}["${event}",${payload}]`);
    const reply = await eve.hears(`43${id}[`);
    const [answer] = JSON.parse(reply.slice(`43${id}`.length)) as [unknown];
    return answer;
  };
  const to = () => `"to":"${victim.id}"`;

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    bystanders = await Bystanders.connect(server.url);
    victim = await Peer.connect(server.url, { reconnection: false });
    ({ raw: eve, id: eveId } = await RawSocket.connect(server.url));
  });
  afterEach(() => Promise.all([bystanders.close(), victim.close(), eve.close()]));

  describe.each([
    ['arrays 5,000 levels deep', nested(DEEP)],
    ['objects 5,000 levels deep', nestedObjects(DEEP)],
    ['arrays 45,000 levels deep', nested(45_000)],
    ['an object of 10,000 keys', `{${keys(10_000)}}`],
    ['an array of 50,000 items', zeros(50_000)],
    ['the same key 15,000 times', `{${'"a":0,'.repeat(15_000)}"a":0}`],
  ])('%s', (_, junk) => {
    it('beside the fields of a message are dropped, and the message passes', async () => {
      const answers = [
        await ask('call', `{${to()},"junk":${junk}}`),
        await ask('offer', `{${to()},"junk":${junk},"sdp":"v=0"}`),
        await ask('candidate', `{${to()},"junk":${junk},"candidate":null}`),
        await ask('endCall', `{"junk":${junk},${to()}}`),
      ];
      expect(answers).toEqual([ok, ok, ok, ok]);
      await victim.settled();
      expect(besidesPresence(victim)).toMatchObject([
        { event: 'call', args: [{ from: eveId }] },
        { event: 'offer', args: [{ sdp: 'v=0', socketId: eveId }] },
        { event: 'candidate', args: [{ candidate: null, socketId: eveId }] },
        { event: 'endCall', args: [{ socketId: eveId }] },
      ]);
      await bystanders.undisturbed();
    });

    it('beside the fields of a description or candidate are dropped too', async () => {
      expect(
        await ask('answer', `{${to()},"sdp":{"type":"answer","junk":${junk},"sdp":"v=0"}}`),
      ).toEqual(ok);
      expect(await victim.next('answer')).toEqual({
        sdp: { type: 'answer', sdp: 'v=0' },
        socketId: eveId,
      });
      expect(
        await ask('candidate', `{${to()},"candidate":{"junk":${junk},"candidate":""}}`),
      ).toEqual(ok);
      expect(await victim.next('candidate')).toEqual({
        candidate: { candidate: '' },
        socketId: eveId,
      });
      await bystanders.undisturbed();
    });

    it('in the place of a field, or of the payload, are refused', async () => {
      const answers = [
        await ask('register', junk),
        await ask('call', `{"to":${junk}}`),
        await ask('offer', `{${to()},"sdp":${junk}}`),
        await ask('offer', `{${to()},"sdp":{"type":"offer","sdp":${junk}}}`),
        await ask('answer', `{${to()},"sdp":{"type":${junk},"sdp":"v=0"}}`),
        await ask('candidate', `{${to()},"candidate":{"candidate":${junk}}}`),
        await ask('candidate', `{${to()},"candidate":{"candidate":"","sdpMLineIndex":${junk}}}`),
        await ask('candidate', `{${to()},"candidate":{"candidate":"","sdpMid":${junk}}}`),
        await ask('endCall', `{"to":${junk}}`),
        await ask('call', junk),
      ];
      expect(answers).toEqual(answers.map(() => invalidPayload));
      await victim.settled();
      expect(besidesPresence(victim)).toEqual([]);
      await bystanders.undisturbed();
    });

    it('in the place of the event cut off whoever sends them', async () => {
      eve.say(`42[${junk}]`);
      await eve.isClosed();
      await bystanders.undisturbed();
    });
  });

  it('name the field even where it is nested too deeply to be copied', async () => {
    expect(await ask('call', `{"to":${nested(DEEP)}}`)).toMatchObject({
      error: { code: 'invalid_payload', message: expect.stringMatching(/^to /) as unknown },
    });
  });

  it('of 60,000 keys are more than a message may hold, and are refused unread', async () => {
    eve.say(`421["call",{${to()},${keys(60_000)}}]`);
    await eve.hears('431[{"ok":false,"error":{"code":"payload_too_large"');
    await victim.settled();
    expect(besidesPresence(victim)).toEqual([]);
    await bystanders.undisturbed();
  });

  it('of keys that nobody asked for are dropped, and what is relayed is the rest', async () => {
    const unknown = '"__proto__":{"name":"Ana"},"from":"x","socketId":"x","name":"x","junk":"x"';
    const stamp = { socketId: eveId, callId: expect.any(String) as unknown };
    expect(await ask('call', `{${unknown},${to()}}`)).toEqual(ok);
    expect(await victim.next('call')).toEqual({
      from: eveId,
      userId: eveId,
      callId: stamp.callId,
      expiresInMs: expect.any(Number) as unknown,
    });
    const sdp = `{${unknown},"callId":"x","type":"offer","sdp":"v=0"}`;
    expect(await ask('offer', `{${unknown},${to()},"sdp":${sdp}}`)).toEqual(ok);
    expect(await victim.next('offer')).toEqual({ sdp: { type: 'offer', sdp: 'v=0' }, ...stamp });
    const candidate = `{${unknown},"callId":"x","candidate":"a","sdpMid":"0","address":"192.0.2.1","toJSON":1}`;
    expect(await ask('candidate', `{${unknown},${to()},"candidate":${candidate}}`)).toEqual(ok);
    expect(await victim.next('candidate')).toEqual({
      candidate: { candidate: 'a', sdpMid: '0' },
      ...stamp,
    });
    expect(await ask('endCall', `{${unknown},${to()}}`)).toEqual(ok);
    expect(await victim.next('endCall')).toEqual({ ...stamp, reason: 'cancelled' });
  });
});
