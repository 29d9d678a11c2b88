import { BareWsPeer } from './generator/bare-ws-peer.js';
import type { Peer, Target } from './generator/peer.js';
import { PeerJsPeer } from './generator/peerjs-peer.js';
import { SocketIoPeer } from './generator/socket-io-peer.js';

export interface Contestant {
  readonly title: string;
  /** From the root of the repository. */
  readonly program: string;
  /** Its settings beside what every server is given. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly connect: (target: Target) => Peer;
}

const socketIo = (target: Target): Peer => new SocketIoPeer(target);

export const CONTESTANTS = {
  tutorial: {
    title: 'tutorial',
    program: 'dist-bench/servers/tutorial.js',
    connect: socketIo,
  },
  nest: {
    title: 'plain Nest',
    program: 'dist-bench/servers/plain-nest.js',
    connect: socketIo,
  },
  ws: {
    title: 'bare `ws`',
    program: 'dist-bench/servers/bare-ws.js',
    connect: (target) => new BareWsPeer(target),
  },
  peerjs: {
    title: 'PeerJS',
    program: 'dist-bench/servers/peerjs.js',
    connect: (target) => new PeerJsPeer(target),
  },
  switchboard: {
    title: 'Switchboard',
    program: 'dist/main.js',
    connect: socketIo,
  },
  switchboardStock: {
    title: 'Switchboard, `FAST_PATH=off`',
    program: 'dist/main.js',
    environment: { FAST_PATH: 'off' },
    connect: socketIo,
  },
} as const satisfies Record<string, Contestant>;

export type ContestantName = keyof typeof CONTESTANTS;
export const NAMES = Object.keys(CONTESTANTS) as ContestantName[];
/** What all others are compared with. */
export const REFERENCE: ContestantName = 'tutorial';

export async function openPeer(name: ContestantName, target: Target): Promise<Peer> {
  const peer = CONTESTANTS[name].connect(target);
  await peer.opened;
  return peer;
}
