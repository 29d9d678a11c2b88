import { errors, type FetchImplementation } from 'jose';

/** Hundreds of keys with their certificates. */
const KEY_SET_MAX_BYTES = 256 * 1024;

/**
 * Half a megabyte on the line may be a gigabyte once it is unpacked, so that what counts is what
 * has been unpacked; beyond the cap nothing more is read.
 */
export const fetchKeySet: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options);
  if (response.status !== 200) {
    await response.body?.cancel();
    return response;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop ends the transfer.
    if (bytes > KEY_SET_MAX_BYTES)
      throw new errors.JOSEError('The JSON Web Key Set is over 256 KiB');
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks));
};
