/** The token behind the word that HTTP wants in front of it, and some clients write in front of any. */
export function bearerOf(text: string): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(text)?.[1];
}
