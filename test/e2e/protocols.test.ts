import { encodeShared } from '../../src/delivery/encoded-event.js';
import { PeerMessenger } from '../../src/delivery/peer-messenger.js';
import { PROTOCOL_OF, type ServerEvent } from '../../src/protocol/events.js';
import { type RunningApp, startApp } from '../support/app.js';
import { Peer } from '../support/peer.js';

const EVENTS = Object.keys(PROTOCOL_OF) as ServerEvent[];
const OF_TUTORIAL = EVENTS.filter((event) => PROTOCOL_OF[event] === 1);

/** As if somebody had written new code, and forgotten whom it talks to. */
function sendEverything(server: RunningApp, { id }: Peer): void {
  const messenger = server.app.get(PeerMessenger, { strict: false });
  for (const event of EVENTS) {
    messenger.send<ServerEvent>(id, event, {});
    messenger.sendShared(id, encodeShared<ServerEvent>(event, {}));
  }
}

describe('whatever is sent to it', () => {
  let server: RunningApp;

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());

  it.each([
    ['a client of the tutorial', {}, OF_TUTORIAL],
    ['one that asks for a protocol that there is not', { protocol: 3 }, OF_TUTORIAL],
    ['a client of protocol 2', { protocol: 2 }, EVENTS],
  ])('%s hears what it knows, and nothing else', async (_, auth, events) => {
    const peer = await Peer.connect(server.url, { auth });
    await peer.settled();
    peer.received.length = 0;
    sendEverything(server, peer);
    await peer.settled();
    expect(peer.received.map(({ event }) => event)).toEqual(
      events.flatMap((event) => [event, event]),
    );
    await peer.close();
  });
});
