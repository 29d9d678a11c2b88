import { NAME_MAX_CHARACTERS } from './limits.js';

// Control characters; and the marks that make a name read backwards or swallow the text behind it.
const FORBIDDEN = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/** Clients we do not control put names into pages, so no name can open a tag. */
export function displayName(text: string): string {
  return text.trim().replaceAll('<', '‹').replaceAll('>', '›');
}

export function isName(value: unknown): boolean {
  if (typeof value !== 'string' || value === '' || value.length > 2 * NAME_MAX_CHARACTERS) {
    return false;
  }
  return Array.from(value).length <= NAME_MAX_CHARACTERS && isClean(value);
}

/** What can be used of a name that nobody is there to correct. */
export function mendedName(text: string): string | undefined {
  const clean = displayName(text.toWellFormed().replaceAll(FORBIDDEN, ''));
  const name = Array.from(clean).slice(0, NAME_MAX_CHARACTERS).join('').trimEnd();
  return isName(name) ? name : undefined;
}

/** Well-formed, and without what may not be shown. */
export function isClean(text: string): boolean {
  return text.isWellFormed() && text.search(FORBIDDEN) < 0;
}
