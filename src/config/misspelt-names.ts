import leven from 'leven';

/** Two letters that changed places count as two. */
const MAX_SLIPS = 2;
/** So short a name is near to too many others. */
const MIN_LETTERS = 8;

/** Kubernetes and Docker name every service that is near in variables such as these. */
const OF_A_SERVICE = /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/;
const ADDRESS_OF_A_SERVICE = /^(tcp|udp|sctp):\/\//;
/** Many services want their variables to begin with what they are called. */
const OUR_NAME = /^SWITCHBOARD_/;

/** What is often set for things that this service does not do, which somebody then counts on. */
export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  REDIS_URL: 'this is one node, in memory, whose users never meet those of another',
  STUN_URLS: 'clients bring their own ICE servers',
  TURN_URLS: 'clients bring their own ICE servers',
  WEBHOOK_URL: 'nobody is told of calls, except in the log',
};

/** In words for the log; a value may be a secret, and is not among them. */
export function nameWarnings(
  environment: Readonly<Record<string, string | undefined>>,
  settings: readonly string[],
): string[] {
  const absent = Object.entries(WITHOUT_EFFECT).filter(([name]) => environment[name]?.trim());
  return [
    ...[...misspeltNames(environment, settings)].map(
      ([name, nearest]) => `${name} is no setting; the nearest one is ${nearest}`,
    ),
    ...absent.map(([name, instead]) => `${name} is no setting: ${instead}`),
  ];
}

/**
 * The variables that were most likely meant as settings, each with the name that it should have had.
 * A setting is what its words say, so names are compared by their words: a warning that is wrong
 * teaches people to overlook warnings.
 */
export function misspeltNames(
  environment: Readonly<Record<string, string | undefined>>,
  settings: readonly string[],
): Map<string, string> {
  const misspelt = new Map<string, string>();
  for (const [name, value = ''] of Object.entries(environment)) {
    if (settings.includes(name) || value.trim() === '') continue;
    const normal = name.toUpperCase().replaceAll(/[.-]/g, '_');
    if (OF_A_SERVICE.test(normal) || ADDRESS_OF_A_SERVICE.test(value)) continue;
    const given = normal.replace(OUR_NAME, '');
    const [nearest] = settings
      .filter((setting) => isMeant(given, setting))
      .sort((a, b) => inCommon(given, b) - inCommon(given, a) || leven(given, a) - leven(given, b));
    if (nearest !== undefined) misspelt.set(name, nearest);
  }
  return misspelt;
}

function isMeant(given: string, setting: string): boolean {
  const slips = leven(given, setting);
  if (slips === 0 || (slips <= MAX_SLIPS && setting.length >= MIN_LETTERS)) return true;
  const theirs = given.split('_');
  const ours = setting.split('_');
  if (theirs.length < 2 || ours.length < 2) return false;
  const beginsAlike = theirs[0] === ours[0];
  return (
    isWithin(theirs, ours) || // RING_TIMEOUT, JWT_SECRET
    (beginsAlike && theirs[1] === ours[1]) || // RING_TIMEOUT_MS, MAX_CONNECTIONS_PER_IP
    (beginsAlike && isWithin(ours, theirs)) // CORS_ALLOWED_ORIGINS
  );
}

/** Whether all the words are there, in this order. */
function isWithin(words: readonly string[], others: readonly string[]): boolean {
  let at = -1;
  return words.every((word) => (at = others.indexOf(word, at + 1)) >= 0);
}

/** How many letters both begin with. */
function inCommon(given: string, setting: string): number {
  let at = 0;
  while (at < setting.length && given[at] === setting[at]) at += 1;
  return at;
}
