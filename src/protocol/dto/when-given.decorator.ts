import { ValidateIf } from 'class-validator';

/** The field may be left out; `null` is not leaving it out. */
export function WhenGiven(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}
