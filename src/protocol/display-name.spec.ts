import { displayName, isName, isPresentable, mendedName } from './display-name.js';

/** Nothing of this shows, however often it is repeated. */
const INVISIBLE: [what: string, text: string][] = [
  ['spaces of every width', '\u0020\u00A0\u1680\u2000\u2003\u200A\u202F\u205F\u3000'],
  ['separators of lines and paragraphs', '\u2028\u2029'],
  ['a zero-width space', '\u200B'],
  ['a joiner', '\u200D'],
  ['a non-joiner', '\u200C'],
  ['a word joiner', '\u2060'],
  ['a byte order mark', '\uFEFF'],
  ['a soft hyphen', '\u00AD'],
  ['a combining grapheme joiner', '\u034F'],
  ['marks of direction', '\u200E\u200F\u061C'],
  ['invisible operators', '\u2061\u2062\u2063\u2064'],
  ['deprecated format characters', '\u206A\u206B\u206C\u206D\u206E\u206F'],
  ['a Hangul filler', '\u3164'],
  ['a halfwidth Hangul filler', '\uFFA0'],
  ['fillers of jamo', '\u115F\u1160'],
  ['inherent vowels of Khmer', '\u17B4\u17B5'],
  ['selectors and a separator of Mongolian', '\u180B\u180C\u180D\u180E\u180F'],
  ['blank braille', '\u2800'],
  ['variation selectors', '\uFE00\uFE0E\uFE0F'],
  ['variation selectors of the supplement', '\u{E0100}\u{E01EF}'],
  ['tags', '\u{E0001}\u{E0041}\u{E006E}\u{E0061}\u{E007F}'],
  ['tags that are not assigned', '\u{E0000}\u{E0080}\u{E0FFF}'],
  ['interlinear annotation', '\uFFF9\uFFFA\uFFFB'],
  ['control characters of shorthand', '\u{1BCA0}\u{1BCA3}'],
  ['beams and slurs of music', '\u{1D173}\u{1D17A}'],
  ['a note without a head', '\u{1D159}'],
  ['blanks of hieroglyphs', '\u{13441}\u{13442}'],
  ['joiners of hieroglyphs', '\u{13430}\u{13436}'],
  ['code points that are no characters', '\uFDD0\uFFFE\uFFFF\u{1FFFF}\u{10FFFF}'],
  ['accents without a letter', '\u0301\u0308\u20DD'],
  ['vowel signs without a consonant', '\u093F\u0E31\u0670'],
  ['a keycap without a key', '\uFE0F\u20E3'],
  ['all kinds of them', '\u200B\u00AD\u3164\u2800 \u2060\u{E0061}\uFE0F\u0301'],
];

/** Names that people have, each with what a careless rule would take for nothing. */
const NAMES: [what: string, name: string][] = [
  ['one letter', 'X'],
  ['one digit', '7'],
  ['punctuation', '...'],
  ['an accent that is a character of its own', 'Jose\u0301'],
  ['a soft hyphen', 'Donau\u00ADdampf'],
  ['a word joiner', 'Ana\u2060Maria'],
  ['Arabic', 'محمد'],
  ['Arabic, with vowels', 'مُحَمَّد'],
  ['Armenian', 'Անի'],
  ['Bengali, with a joiner', 'র\u200D্যাম'],
  ['Burmese', 'အောင်ဆန်း'],
  ['Chinese', '王小明'],
  ['Chinese beyond the basic plane', '𠮷野'],
  ['Chinese, with a variation of a character', '葛\u{E0100}'],
  ['Cyrillic', 'Ёлка'],
  ['Ethiopic', 'አበበ'],
  ['Georgian', 'ნინო'],
  ['Greek', 'Ελένη'],
  ['Hebrew, with points and a mark of direction', 'שָׂרָה\u200F'],
  ['Hindi, with a joiner', 'क्\u200Dष'],
  ['Hindi', 'प्रिया'],
  ['Inuktitut', 'ᐊᓂ'],
  ['Japanese', 'さくら・ハナコ'],
  ['Japanese, halfwidth', 'ﾊﾅｺ'],
  ['Khmer', 'សុខា'],
  ['Korean', '김민준'],
  ['Korean in conjoining jamo', '\u1100\u1175\u11B7'],
  ['Korean in conjoining jamo, with a filler', '\u115F\u1161\u11B7'],
  ['Korean in single jamo', 'ㅋㅋ'],
  ['Lao', 'ສົມສັກ'],
  ['Malayalam, with a joiner', 'അവന്\u200D'],
  ['Mongolian', 'ᠪᠠᠲᠤ\u180E᠊ᠠ'],
  ['N’Ko', 'ߒߞߏ'],
  ['Persian, with a non-joiner', 'مهر\u200Cآیین'],
  ['Sinhala, with a joiner', 'ශ්\u200Dරී'],
  ['Tamil', 'தமிழ்'],
  ['Thai', 'สมชาย'],
  ['Tibetan', 'བསོད་ནམས'],
  ['Vietnamese', 'Nguyễn Thị Ánh'],
  ['Yi', 'ꆈꌠ'],
  ['braille', '⠁⠝⠁'],
  ['braille, with a blank', '⠁\u2800⠃'],
  ['hieroglyphs', '𓂀'],
  ['an emoji', '💥'],
  ['an emoji of text and a selector', '❤\uFE0F'],
  ['a joined emoji', '👩\u200D👩\u200D👧'],
  ['a joined emoji of a profession and a colour', '👩🏽\u200D🚀'],
  ['a flag', '🇧🇷'],
  ['a flag by tags', '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}'],
  ['a keycap', '1\uFE0F\u20E3'],
  ['a character of a font', '\uF8FF'],
  ['an emoji that Unicode is yet to assign', '\u{1FAFF}'],
];

describe('a name or an id of nothing visible', () => {
  it.each(INVISIBLE)('is none: %s', (_, text) => {
    for (const each of [text, ...Array.from(text), text.repeat(2), ` ${text} `]) {
      expect({ each, ok: isPresentable(each) }).toEqual({ each, ok: false });
      expect(isName(displayName(each))).toBe(false);
      expect(mendedName(each)).toBeUndefined();
    }
  });

  it('is one with a single character that shows', () => {
    for (const [, text] of INVISIBLE) {
      expect(isPresentable(`${text}x`)).toBe(true);
      expect(isPresentable(`x${text}`)).toBe(true);
    }
  });
});

describe('a name', () => {
  it.each(NAMES)('may be %s, and stays as it is', (_, name) => {
    expect(isPresentable(name)).toBe(true);
    expect(isName(name)).toBe(true);
    expect(displayName(name)).toBe(name);
    expect(mendedName(name)).toBe(name);
  });

  it.each(['Ana\u0000', 'Ana\u0085', '\u202EAna', 'Ana\u2069', 'Ana\uD800', '\uDC00'])(
    'may not be %j, something visible or not',
    (name) => expect(isName(name)).toBe(false),
  );
});
