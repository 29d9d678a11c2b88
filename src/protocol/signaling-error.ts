/** One line per code: what the client is told, whether trying again can help, and what to do. */
export const SIGNALING_ERRORS = {
  invalid_payload: {
    message: 'the payload is not what this event takes',
    retryable: false,
    advice: 'Correct the field that the message names.',
  },
  payload_too_large: {
    message: 'the session description, candidate or message is over its cap',
    retryable: false,
    advice: 'Send at most 64 KiB of SDP, 4 KiB of candidate line, and 100 KiB in all.',
  },
  unknown_event: {
    message: 'there is no such event',
    retryable: false,
    advice: 'Check the spelling of the event name.',
  },
  invalid_recipient: {
    message: 'a user cannot address itself',
    retryable: false,
    advice: 'Address a connection of another user.',
  },
  unavailable: {
    message: 'the recipient is not available',
    retryable: true,
    advice: 'Ask for the list of users again; the peer is offline or never existed.',
  },
  busy: {
    message: 'the recipient is in another call',
    retryable: true,
    advice: 'Try again later.',
  },
  not_in_call: {
    message: 'this needs a call between the two',
    retryable: false,
    advice: 'Call first; signal only with the other party of a call.',
  },
  call_not_found: {
    message: 'there is no such call',
    retryable: false,
    advice: 'Treat the call as over: it ended, never was, or is not yours.',
  },
  call_conflict: {
    message: 'the call is not in a state for this',
    retryable: false,
    advice: 'Another device answered, or this does not fit the state of the call; keep what runs.',
  },
  rate_limited: {
    message: 'too many messages of this kind',
    retryable: true,
    advice:
      'Wait for `retryAfterMs`; after thousands of refusals in seconds the connection is closed.',
  },
  unauthorized: {
    message: 'this connection is not allowed',
    retryable: false,
    advice:
      'Read the message: the token, or the origin of the page. A stock client does not try again.',
  },
  token_expired: {
    message: 'the token has expired',
    retryable: false,
    advice: 'Get a new token, and connect with it; a stock client does not try again by itself.',
  },
  service_unavailable: {
    message: 'the service cannot take this now',
    retryable: true,
    advice: 'Try again later; a stock client does so by itself.',
  },
  internal_error: {
    message: 'the server failed to handle this event',
    retryable: true,
    advice: 'Try again; report it if it stays.',
  },
} as const satisfies Record<string, { message: string; retryable: boolean; advice: string }>;

export type ErrorCode = keyof typeof SIGNALING_ERRORS;

/** Thrown anywhere below the gateway; becomes the failed acknowledgement, or `exception`. */
export class SignalingError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string = SIGNALING_ERRORS[code].message,
    readonly retryAfterMs?: number,
  ) {
    super(message);
    this.name = 'SignalingError';
  }

  get retryable(): boolean {
    return SIGNALING_ERRORS[this.code].retryable;
  }
}
