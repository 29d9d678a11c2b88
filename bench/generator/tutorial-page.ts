import type { Payload } from './frames.js';
import type { Peer } from './peer.js';
import { SocketIoPeer } from './socket-io-peer.js';
import { nameOf, type Visitor } from './storm.js';

const GET_ONLINE_USERS = SocketIoPeer.event('getOnlineUsers');

/** Ids and names are all of one length, so that a list need not be read to be counted. */
const ENTRY_BYTES = `"${'-'.repeat(20)}":"${nameOf(0)}",`.length;
const EMPTY_LIST_BYTES = '42["onlineUsers",{}]'.length;

/**
 * The tutorial's own page: says its name and asks who is there, both in one go, and asks again
 * whenever it hears that somebody came.
 */
export class TutorialPage implements Visitor {
  known = 0;

  constructor(
    readonly peer: Peer,
    private readonly number: number,
  ) {
    peer.listener = (event, payload) => {
      if (event === 'userConnected') peer.send(GET_ONLINE_USERS);
      if (event === 'onlineUsers') this.known = this.entries(payload);
    };
  }

  enter(): void {
    const register = SocketIoPeer.event('register', nameOf(this.number));
    this.peer.send(Buffer.concat([register, GET_ONLINE_USERS]));
  }

  private entries({ length }: Payload): number {
    const entries = (length - EMPTY_LIST_BYTES + ','.length) / ENTRY_BYTES;
    if (!Number.isInteger(entries)) this.peer.fail(`${entries} names on a list`);
    return entries;
  }
}
