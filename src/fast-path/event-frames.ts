import { isUtf8 } from 'node:buffer';
import { AckRequest } from '../delivery/ack-request.js';
import { EVENTS_PER_TURN } from '../protocol/limits.js';

export interface EventTaker {
  /** False sends the event, and all that comes after it, the long way. */
  take(event: unknown, payload: unknown, request: AckRequest | undefined): boolean;
}

/** A final frame of text. */
const TEXT = 0x81;
const MASKED = 0x80;
const LENGTH_OF_16_BITS = 126;
/** Engine.IO's message, and in it Socket.IO's event in the root namespace. */
const EVENT = '42';
/** Of a frame with the least of an event: `42[]`. */
const MIN_BYTES = 10;

/**
 * Takes the events at the front of the bytes that a WebSocket received.
 *
 * @returns where the rest begins: the first frame that is incomplete, or is anything but an event that
 * is taken, or is one too many for this turn. Whoever gets the rest stays the only judge of what is
 * allowed.
 */
export function takeEvents(chunk: Buffer, bytes: number, taker: EventTaker): number {
  let at = 0;
  for (let taken = 0; taken < EVENTS_PER_TURN; taken += 1) {
    if (bytes - at < MIN_BYTES || chunk[at] !== TEXT) break;
    const short = chunk.readUInt8(at + 1) - MASKED;
    if (short < 0 || short > LENGTH_OF_16_BITS) break;
    const isLong = short === LENGTH_OF_16_BITS;
    const key = at + (isLong ? 4 : 2);
    const end = key + 4 + (isLong ? chunk.readUInt16BE(at + 2) : short);
    if (end > bytes || !isEvent(chunk, key)) break;
    const text = unmasked(chunk, key, end);
    if (text === undefined || !takes(taker, text)) break;
    at = end;
  }
  return at;
}

function isEvent(chunk: Buffer, key: number): boolean {
  const start = key + 4;
  return (
    (chunk.readUInt8(start) ^ chunk.readUInt8(key)) === EVENT.charCodeAt(0) &&
    (chunk.readUInt8(start + 1) ^ chunk.readUInt8(key + 1)) === EVENT.charCodeAt(1)
  );
}

/** In place, and with a key that masks nothing from then on: it stays a frame of the same text. */
function unmasked(chunk: Buffer, key: number, end: number): string | undefined {
  const a = chunk.readUInt8(key);
  const b = chunk.readUInt8(key + 1);
  const c = chunk.readUInt8(key + 2);
  const d = chunk.readUInt8(key + 3);
  const start = key + 4;
  let bits = 0;
  let i = start;
  for (; i + 3 < end; i += 4) {
    bits |= chunk[i] = (chunk[i] ?? 0) ^ a;
    bits |= chunk[i + 1] = (chunk[i + 1] ?? 0) ^ b;
    bits |= chunk[i + 2] = (chunk[i + 2] ?? 0) ^ c;
    bits |= chunk[i + 3] = (chunk[i + 3] ?? 0) ^ d;
  }
  if (i < end) bits |= chunk[i] = (chunk[i] ?? 0) ^ a;
  if (i + 1 < end) bits |= chunk[i + 1] = (chunk[i + 1] ?? 0) ^ b;
  if (i + 2 < end) bits |= chunk[i + 2] = (chunk[i + 2] ?? 0) ^ c;
  chunk.writeUInt32BE(0, key);
  if (bits < 0x80) return chunk.toString('latin1', start, end);
  return isUtf8(chunk.subarray(start, end)) ? chunk.toString('utf8', start, end) : undefined;
}

function takes(taker: EventTaker, text: string): boolean {
  const start = text.indexOf('[');
  const id = start === EVENT.length ? undefined : text.slice(EVENT.length, start);
  if (id !== undefined && !/^\d+$/.test(id)) return false; // in a namespace of its own, or worse
  const args = parsed(text.slice(start));
  if (!Array.isArray(args)) return false;
  return taker.take(args[0], args[1], id === undefined ? undefined : new AckRequest(Number(id)));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // for Socket.IO to complain about
  }
}
