import { NAME_MAX_CHARACTERS } from './limits.js';

// Control characters; and the marks that make a name read backwards or swallow the text behind it.
const FORBIDDEN = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/**
 * One character that shows by itself. Spaces, joiners, fillers, tags, variation selectors and accents
 * do not, and belong into many a name beside one that does. The last four are blank, though Unicode
 * calls them letters and symbols: of braille, of music, and of hieroglyphs.
 */
const VISIBLE =
  /[^\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Z}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\u{1D159}\u{13441}\u{13442}]/u;

/** Clients we do not control put names into pages, so no name can open a tag. */
export function displayName(text: string): string {
  return text.trim().replaceAll('<', '‹').replaceAll('>', '›');
}

export function isName(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 2 * NAME_MAX_CHARACTERS) return false;
  return Array.from(value).length <= NAME_MAX_CHARACTERS && isPresentable(value);
}

/** What can be used of a name that nobody is there to correct. */
export function mendedName(text: string): string | undefined {
  const clean = displayName(text.toWellFormed().replaceAll(FORBIDDEN, ''));
  const name = Array.from(clean).slice(0, NAME_MAX_CHARACTERS).join('').trimEnd();
  return isName(name) ? name : undefined;
}

/** What people are told apart by: well-formed, with something to see, and nothing that may not be shown. */
export function isPresentable(text: string): boolean {
  return text.isWellFormed() && text.search(FORBIDDEN) < 0 && VISIBLE.test(text);
}
