import type { Payload } from './frames.js';
import type { Target } from './peer.js';
import { SocketIoPeer } from './socket-io-peer.js';
import { nameOf, type Visitor } from './storm.js';

const WATCH_PRESENCE = SocketIoPeer.eventWithAck('watchPresence');

/** Ids and names are all of one length, so that a list need not be read to be counted. */
const ID = '-'.repeat(20);
const ENTRY = { socketId: ID, userId: ID, name: nameOf(0), inCall: false };
const ENTRY_BYTES = JSON.stringify(ENTRY).length + ','.length;
const SNAPSHOT_BYTES = '430[{"ok":true,"users":[]}]'.length;
const DIFF_BYTES = '42["presenceDiff",{"joined":[],"left":[],"changed":[]}]'.length;

/** Says its name, gets the list once, and then hears who came. */
export class PresenceWatcher implements Visitor {
  known = 0;
  readonly peer: SocketIoPeer;

  constructor(
    target: Target,
    private readonly number: number,
  ) {
    this.peer = new SocketIoPeer(target, { protocol: 2 });
    this.peer.listener = (event, payload) => {
      if (event === 'acknowledgement') this.known = this.entries(payload, SNAPSHOT_BYTES);
      if (event === 'presenceDiff') this.known += this.entries(payload, DIFF_BYTES);
    };
  }

  enter(): void {
    const register = SocketIoPeer.event('register', nameOf(this.number));
    this.peer.send(Buffer.concat([register, WATCH_PRESENCE]));
  }

  private entries({ length }: Payload, emptyBytes: number): number {
    const entries = (length - emptyBytes + ','.length) / ENTRY_BYTES;
    if (!Number.isInteger(entries)) this.peer.fail(`${entries} peers on a list`);
    return entries;
  }
}
