import type { Payload } from './frames.js';
import type { Peer } from './peer.js';
import { SocketIoPeer } from './socket-io-peer.js';
import type { Visitor } from './storm.js';

const GET_ONLINE_USERS = SocketIoPeer.event('getOnlineUsers');

/** `42["onlineUsers",{}]`, and for each name `"<20 characters>":"page 0001",`, the last without. */
const EMPTY_LIST_BYTES = 20;
const ENTRY_BYTES = 35;

/**
 * The tutorial's own page: says its name and asks who is there, both in one go, and asks again
 * whenever it hears that somebody came.
 */
export class TutorialPage implements Visitor {
  known = 0;
  private readonly name: string;

  constructor(
    readonly peer: Peer,
    number: number,
  ) {
    this.name = `page ${String(number).padStart(4, '0')}`;
    peer.listener = (event, payload) => {
      if (event === 'userConnected') peer.send(GET_ONLINE_USERS);
      if (event === 'onlineUsers') this.known = this.entriesOf(payload);
    };
  }

  enter(): void {
    this.peer.send(Buffer.concat([SocketIoPeer.event('register', this.name), GET_ONLINE_USERS]));
  }

  /** Names and ids are all of one length, so that a list need not be read to be counted. */
  private entriesOf({ length }: Payload): number {
    const entries = (length - EMPTY_LIST_BYTES + 1) / ENTRY_BYTES;
    if (!Number.isInteger(entries)) this.peer.fail(`a list of ${entries} names`);
    return entries;
  }
}
