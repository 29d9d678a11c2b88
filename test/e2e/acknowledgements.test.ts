import { PeerMessenger } from '../../src/delivery/peer-messenger.js';
import { AckRequest } from '../../src/delivery/ack-request.js';
import { EncodedReply } from '../../src/delivery/encoded-reply.js';
import { SharedText } from '../../src/delivery/shared-text.js';
import { BACKLOG_MAX_BYTES } from '../../src/protocol/limits.js';
import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

const ok = '[{"ok":true}]';
const refused = (code: string) => expect.stringContaining(`"code":"${code}"`) as string;

/** Messages with an acknowledgement id, and what is to come back for it. */
const ASKED: [packet: string, answer: [id: string, reply: unknown]][] = [
  ['421["getOnlineUsers"]', ['431', ok]],
  ['422["register","Ana"]', ['432', '[{"ok":true,"name":"Ana"}]']],
  ['423["call",{"to":"nobody"}]', ['433', refused('unavailable')]],
  ['424["candidate",{"to":"nobody"}]', ['434', refused('invalid_payload')]],
  ['425["no such event"]', ['435', refused('unknown_event')]],
  ['426', ['436', refused('unknown_event')]],
  ['420["getOnlineUsers"]', ['430', ok]],
  ['42007["getOnlineUsers","surplus",{"id":9}]', ['437', ok]],
];

describe('acknowledgements', () => {
  let server: RunningApp;

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());

  const answers = (heard: string[]): [string, string][] =>
    heard
      .filter((packet) => packet.startsWith('43'))
      .map((packet) => [packet.slice(0, packet.indexOf('[')), packet.slice(packet.indexOf('['))]);

  it('come exactly once for every message that asked for one, over websocket', async () => {
    const { raw } = await RawSocket.connect(server.url);
    raw.say(...ASKED.map(([packet]) => packet), '42["getOnlineUsers",{"id":8}]', '4299["last"]');
    await raw.hears('4399[');
    expect(answers(raw.heard).slice(0, -1)).toEqual(ASKED.map(([, answer]) => answer));
    await raw.close();
  });

  it('come exactly once for every message that asked for one, over polling', async () => {
    const { polling } = await RawPolling.connect(server.url);
    await polling.say(...ASKED.map(([packet]) => packet), '4299["last"]');
    const heard: string[] = [];
    await eventually(async () => {
      heard.push(...(await polling.hear()));
      expect(heard.some((packet) => packet.startsWith('4399['))).toBe(true);
    });
    expect(answers(heard).slice(0, -1)).toEqual(ASKED.map(([, answer]) => answer));
    await polling.say('1');
  });

  it('come for a message with binaries, which is refused', async () => {
    const { raw } = await RawSocket.connect(server.url);
    raw.say('451-7["register",{"_placeholder":true,"num":0}]');
    raw.sayBinary(Buffer.from('Ana'));
    expect(await raw.hears('437[')).toContain('"code":"invalid_payload"');
    await raw.close();
  });

  describe('that many share', () => {
    const json = JSON.stringify({ ok: true, users: 'x'.repeat(2 * BACKLOG_MAX_BYTES) });
    const large = new SharedText(`${json}]`);

    it('arrive, and are reported as sent', async () => {
      const { raw, id } = await RawSocket.connect(server.url);
      let sent = false;
      const reply = new EncodedReply(large, () => (sent = true));
      server.app.get(PeerMessenger).acknowledge(id, new AckRequest(7), reply);
      expect(await raw.hears('437[')).toBe(`437[${json}]`);
      expect(sent).toBe(true);
      await raw.close();
    });

    it('do not count against the backlog of one who has yet to read them', async () => {
      const { raw, id } = await RawSocket.connect(server.url);
      raw.stopReading();
      const messenger = server.app.get(PeerMessenger);
      for (let i = 0; i < 10; i += 1) {
        messenger.acknowledge(id, new AckRequest(i), new EncodedReply(large, () => undefined));
      }
      raw.resumeReading();
      await raw.hears('439[');
      await raw.close();
    });
  });
});
