interface Relayed {
  readonly sdp?: unknown;
  readonly candidate?: unknown;
}

/** Of an offer, an answer or a candidate: the texts in it, which are nearly all that is relayed. */
export function relayedBytes(payload: unknown): number {
  if (typeof payload !== 'object' || payload === null) return 0;
  const { sdp, candidate } = payload as Relayed;
  return bytesOf(sdp, 'sdp') + bytesOf(candidate, 'candidate');
}

/** Each comes as a text, or in an object in a field of the same name. */
function bytesOf(value: unknown, field: 'sdp' | 'candidate'): number {
  const text = typeof value === 'object' && value !== null ? (value as Relayed)[field] : value;
  return typeof text === 'string' ? Buffer.byteLength(text) : 0;
}
