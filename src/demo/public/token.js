/*
 * The token that says who we are, where a server asks for one. It comes from the form, or with the
 * fragment of the address (`#token=…`), which browsers send to no server: a query would be in every
 * log on the way. It leaves the address bar at once, before anybody copies or shows it.
 *
 * It is kept for this tab, so that a reload does not ask again, and goes with it. In localStorage it
 * would wait for whoever uses this computer next.
 */
const STORE = 'switchboard.token';
let current = recall();

export function currentToken() {
  return current;
}

export function keepToken(token) {
  current = token;
  try {
    sessionStorage.setItem(STORE, token);
  } catch {
    // Then it counts until the page is left.
  }
}

export function forgetToken() {
  current = undefined;
  try {
    sessionStorage.removeItem(STORE);
  } catch {
    // Then it was never kept.
  }
}

/** Takes the token out of the address, if there is one in it. */
export function takeFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

function recall() {
  try {
    return sessionStorage.getItem(STORE) ?? undefined;
  } catch {
    return undefined;
  }
}
