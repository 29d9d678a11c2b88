import { ValidateBy } from 'class-validator';
import { displayName, isName } from '../display-name.js';
import { NAME_MAX_CHARACTERS } from '../limits.js';
import { ReadAs } from './fields.js';

export class RegisterDto {
  /** The payload of this event is the name itself. */
  static readonly bareField = 'name';

  @ReadAs((value) => (typeof value === 'string' ? displayName(value) : value))
  @ValidateBy({
    name: 'isName',
    validator: {
      validate: isName,
      defaultMessage: () =>
        `name must be a text of 1 to ${NAME_MAX_CHARACTERS} characters, some of them visible and none a control character`,
    },
  })
  readonly name!: string;
}
