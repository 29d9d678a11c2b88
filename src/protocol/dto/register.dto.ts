import { ValidateBy } from 'class-validator';
import { NAME_MAX_CHARACTERS } from '../limits.js';
import { Field } from './field.decorator.js';

// Control characters; and the marks that make a name read backwards or swallow the text behind it.
const FORBIDDEN = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u;

export class RegisterDto {
  /** The payload of this event is the name itself. */
  static readonly bareField = 'name';

  @Field(displayName)
  @ValidateBy({
    name: 'isName',
    validator: {
      validate: isName,
      defaultMessage: () =>
        `name must be a text of 1 to ${NAME_MAX_CHARACTERS} characters without control characters`,
    },
  })
  readonly name!: string;
}

/** Clients we do not control put names into pages, so no name can open a tag. */
function displayName(value: unknown): unknown {
  return typeof value === 'string' ? value.trim().replaceAll('<', '‹').replaceAll('>', '›') : value;
}

function isName(value: unknown): boolean {
  if (typeof value !== 'string' || value === '' || value.length > 2 * NAME_MAX_CHARACTERS) {
    return false;
  }
  return (
    Array.from(value).length <= NAME_MAX_CHARACTERS &&
    value.isWellFormed() &&
    !FORBIDDEN.test(value)
  );
}
