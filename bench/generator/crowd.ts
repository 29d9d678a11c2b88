import type { Peer } from './peer.js';

/** More would find the backlog of the server's listening socket full. */
const AT_ONCE = 50;

/** Opens many peers, as fast as the server takes them. */
export async function openCrowd<P extends Peer>(count: number, create: () => P): Promise<P[]> {
  const peers: P[] = [];
  const openSome = async (): Promise<void> => {
    while (peers.length < count) {
      const peer = create();
      peers.push(peer);
      await peer.opened;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openSome));
  return peers;
}
