import { Adapter } from 'socket.io-adapter';

/** Nobody is ever put in a room here, and the one that Socket.IO makes for each peer is half a kilobyte. */
export class RoomlessAdapter extends Adapter {
  override addAll(): void {
    // no rooms
  }

  override del(): void {
    // no rooms
  }

  override delAll(): void {
    // no rooms
  }
}
