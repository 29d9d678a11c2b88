/* How a call ended, in words. */

/** What became of a call, in words that follow the name of the other side. */
const OUTCOMES = {
  cancelled: 'cancelled: you missed the call.',
  missed: 'called, and you missed it.',
  declined: 'declined your call.',
  busy: 'is busy in another call.',
  no_answer: 'gave no answer.',
  failed: 'could not connect with you: a network may block sound and picture.',
  hangup: 'hung up.',
  disconnected: 'was disconnected, and the call ended.',
  answered_elsewhere: 'was answered elsewhere, on another device of yours.',
  declined_elsewhere: 'was declined on another device of yours.',
  shutdown: 'and you were cut off: the server is restarting.',
  unavailable: 'cannot be reached any more.',
  call_not_found: 'is no longer calling.',
};

/** With the server's own words for what has none here. */
export function describe({ name }, outcome, otherwise = 'the call has ended') {
  return outcome in OUTCOMES ? `${name} ${OUTCOMES[outcome]}` : `${name}: ${otherwise}.`;
}

/** What a reason means to this side of a call. */
export function outcomeOf({ phase }, reason) {
  if (reason === 'timeout') return { incoming: 'missed', calling: 'no_answer' }[phase] ?? 'failed';
  const declined = reason === 'declined' || reason === 'busy';
  return declined && phase === 'incoming' ? 'declined_elsewhere' : reason;
}
