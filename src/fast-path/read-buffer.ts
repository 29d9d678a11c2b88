import { Socket } from 'node:net';

/** As much as libuv reads at once. */
const BUFFER_BYTES = 64 * 1024;
/** One for all connections: what is in it has been dealt with when the next one is read. */
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

const READER = Symbol('who reads');

export interface Reader {
  /** Takes what it needs of the buffer before it returns; false where reading should pause. */
  read(buffer: Buffer, bytes: number): boolean;
}

/** Names of Node's: where a socket has what `net.connect` takes as `onread`. */
const [BUFFER, CALLBACK] = ['kBuffer', 'kBufferCb'].map((name) =>
  Object.getOwnPropertySymbols(new Socket()).find(({ description }) => description === name),
);

interface Handle {
  useUserBuffer?(buffer: Buffer): void;
}

/**
 * Has a socket that is already connected read as one that was given `onread`, which Node offers for
 * those it connects itself: into one buffer, where a stream allocates 64 KiB for every read. What is
 * not taken may be pushed to the stream. Without the names nothing changes.
 */
export function readInto(socket: Socket, reader: Reader): void {
  const { _handle: handle } = socket as Socket & { _handle?: Handle };
  if (BUFFER === undefined || CALLBACK === undefined || !handle?.useUserBuffer) return;
  Object.assign(socket, { [BUFFER]: buffer, [CALLBACK]: onRead, [READER]: reader });
  handle.useUserBuffer(buffer);
}

/** The same for all sockets, each of which is its `this`. */
function onRead(this: Socket & { [READER]?: Reader }, bytes: number): boolean {
  return this[READER]?.read(buffer, bytes) ?? true;
}
