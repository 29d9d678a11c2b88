import type { ClientEvent } from '../protocol/events.js';
import { CALL_MAX_DEVICES } from '../protocol/limits.js';
import type { Budget } from './token-bucket.js';

/** What one connection may send, or with authentication one user. Far above what a page does, a burst of 60 candidates included. */
export const BUDGETS = {
  candidates: { perSecond: 20, burst: 120 },
  descriptions: { perSecond: 5, burst: 20 },
  calls: { perSecond: 12 / 60, burst: 12 },
  registrations: { perSecond: 2, burst: 10 },
  /** Each is answered with everybody who is online; all devices of a user may come back at once. */
  snapshots: { perSecond: 1, burst: CALL_MAX_DEVICES },
  /** Each device asks on every hint, of which there are ten a second; the answers are coalesced. */
  lists: { perSecond: 10 * CALL_MAX_DEVICES, burst: 20 * CALL_MAX_DEVICES },
  rest: { perSecond: 10, burst: 40 },
  /**
   * Of descriptions and candidates, beside the budgets of each: several calls with the largest
   * descriptions there are and hundreds of candidates at once, and then one such description in two
   * seconds. A few who send all that they may are no more than a slow line can carry.
   */
  bytes: { perSecond: 32 * 1024, burst: 1280 * 1024 },
} as const satisfies Record<string, Budget>;

/** With each description come the candidates of its media lines: on a machine with many addresses 162. */
export const CANDIDATES_PER_DESCRIPTION = 400;
/** How much of that may wait to be used. */
export const CANDIDATES_MAX_CREDIT = 4 * CANDIDATES_PER_DESCRIPTION;
/** The descriptions that count for that: those of a call that is set up twice. */
export const GRANTS_BUDGET: Budget = { perSecond: 0.1, burst: 4 };

export type BudgetName = keyof typeof BUDGETS;

const BUDGET_OF: Record<ClientEvent, BudgetName> = {
  register: 'registrations',
  getOnlineUsers: 'lists',
  call: 'calls',
  ringing: 'rest',
  accept: 'rest',
  offer: 'descriptions',
  answer: 'descriptions',
  candidate: 'candidates',
  endCall: 'rest',
  watchPresence: 'snapshots',
  unwatchPresence: 'rest',
  refreshToken: 'rest',
};

export function budgetOf(event: unknown): BudgetName {
  return typeof event === 'string' && Object.hasOwn(BUDGET_OF, event)
    ? BUDGET_OF[event as ClientEvent]
    : 'rest';
}

/** What all connections of one address may do together: an office shares one. */
const ADDRESS_FACTOR = 20;
export const ADDRESS_BUDGETS: Partial<Record<BudgetName, Budget>> = {
  calls: timesFactor(BUDGETS.calls),
  registrations: timesFactor(BUDGETS.registrations),
};

/**
 * What the connections of one address may do together for the first time each: five hundred people
 * may come to work at once, but one client may not come a thousand times.
 */
export const NEWCOMERS_BUDGET: Budget = { perSecond: 20, burst: 1_000 };

/** Whoever is refused this often is not mistaken but hostile. */
export const REFUSAL_BUDGET: Budget = { perSecond: 200, burst: 2_000 };

/**
 * What a connection may send that is no event with a budget, in frames or packets and KiB, whatever
 * they hold: pings, answers nobody waits for, parts of messages. A client of ours sends a few a minute.
 */
export const FRAMES_BUDGET: Budget = { perSecond: 200, burst: 4_000 };
/** A long-polling request costs as much as so many frames. */
export const FRAMES_PER_REQUEST = 5;

/** Sessions that an address may begin: a thousand people may come back at once. */
export const HANDSHAKES_BUDGET: Budget = { perSecond: 100, burst: 1_000 };
/** What a connection that has ended with its budget spent takes of that, for each second it would have waited: coming anew is no gain. */
export const HANDSHAKES_PER_SECOND_OWED = 1;
/** What an address may ask for by HTTP beside signaling: pages, scripts, metrics. */
export const HTTP_BUDGET: Budget = { perSecond: 50, burst: 1_000 };

function timesFactor({ perSecond, burst }: Budget): Budget {
  return { perSecond: perSecond * ADDRESS_FACTOR, burst: burst * ADDRESS_FACTOR };
}
