/** The token behind the word that HTTP wants in front of it, and some clients write in front of any. */
export function bearerOf(text: string): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(text)?.[1];
}

export function withoutBearer(token: unknown): unknown {
  return typeof token === 'string' ? (bearerOf(token) ?? token) : token;
}
