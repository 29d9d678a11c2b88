/** The bounds of the contract; docs/protocol.md states the same numbers. */

export const NAME_MAX_CHARACTERS = 64;
export const SDP_MAX_BYTES = 64 * 1024;
export const CANDIDATE_MAX_BYTES = 4 * 1024;
/** For the short texts beside a candidate line, and for ids: far above what any browser sends. */
export const LABEL_MAX_CHARACTERS = 256;

/** A larger message is refused, and one above the second bound ends its connection. */
export const MESSAGE_MAX_BYTES = 100 * 1024;
export const MESSAGE_CUT_BYTES = 1024 * 1024;
/** Far above what any client cuts a message of `MESSAGE_MAX_BYTES` into. */
export const MESSAGE_MAX_FRAGMENTS = 1_024;
/** The pieces in which a message may come from the network: twice what 536 bytes in each would make. */
export const MESSAGE_MAX_SEGMENTS = 512;
/** Handled of one connection in one turn of the event loop; the rest waits for the next turns. */
export const EVENTS_PER_TURN = 32;
/** What may wait unsent for a connection before it is closed: it has asked for more than it reads. */
export const BACKLOG_MAX_BYTES = 1024 * 1024;
/** The part of it that others may fill; then they are refused, and told to try again so much later. */
export const RELAY_BACKLOG_MAX_BYTES = 512 * 1024;
export const RELAY_RETRY_MS = 1_000;
/** How long a connection may take nothing of what waits for it: as long as two pings. */
export const UNREAD_MAX_MS = 30_000;
/** What may wait unsent for all connections together; what they share counts once. */
export const UNSENT_MAX_BYTES = 64 * 1024 * 1024;
/** How long a connection may take nothing once half of that is waiting. */
export const UNREAD_WHEN_SHORT_MAX_MS = 5_000;
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/**
 * How long a connection may wait for its next HTTP request. Longer than a balancer keeps one, 60 s
 * with most: whoever hangs up first must be the side that sends, or a request gets lost now and then.
 */
export const KEEP_ALIVE_MS = 75_000;
/** How long a WebSocket may take to agree to its end. */
export const CLOSE_GRACE_MS = 1_000;

/** All who ask for the metrics within it are told the same. */
export const METRICS_INTERVAL_MS = 1_000;

/** A connection without an acknowledgement hears of at most one refusal in this time. */
export const EXCEPTION_INTERVAL_MS = 1_000;

/** A call that lasts longer than this has been forgotten by both sides. */
export const CALL_MAX_AGE_MS = 24 * 60 * 60 * 1_000;
/** How many devices of one user a call rings. */
export const CALL_MAX_DEVICES = 16;
/** How many live calls a device has to do with, and how many of those may ring it at once. */
export const DEVICE_MAX_CALLS = 8;
export const DEVICE_MAX_RINGS = 4;

/** The first `userConnected` goes out at once, further ones within this time share one. */
export const HINT_INTERVAL_MS = 100;
/** Shortest and longest time between two lists to one client. */
export const LIST_INTERVAL_MS = 250;
export const LIST_INTERVAL_MAX_MS = 1_000;
/** What all lists together may take a second before the time between them is stretched; and so with diffs, and with snapshots. */
export const LIST_BYTES_PER_SECOND = 32 * 1024 * 1024;

/** After which a client may ask for a snapshot anew that it was refused. */
export const SNAPSHOT_RETRY_MS = 1_000;

/** Shortest and longest time between two diffs to those who watch. */
export const DIFF_INTERVAL_MS = 100;
export const DIFF_INTERVAL_MAX_MS = 1_000;

/** Above what identity providers issue to somebody who is in hundreds of groups. */
export const TOKEN_MAX_CHARACTERS = 16 * 1024;
/** Asked for on one HTTP connection before any of it is answered: no client of ours asks for two. */
export const REQUESTS_MAX_UNANSWERED = 8;
/** Of one HTTP request: such a token, and what else may stand beside it. */
export const HTTP_HEADERS_MAX_BYTES = 32 * 1024;
/** When a client hears that its token ends, before it does. */
export const TOKEN_WARNING_MS = 60_000;
