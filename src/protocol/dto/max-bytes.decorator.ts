import { ValidateBy } from 'class-validator';

export const MAX_BYTES = 'maxBytes';

/** Caps the UTF-8 size of a text; breaking this one rule is `payload_too_large`. */
export function MaxBytes(
  max: number,
  textOf: (value: unknown) => unknown = (value) => value,
): PropertyDecorator {
  return ValidateBy({
    name: MAX_BYTES,
    constraints: [max],
    validator: {
      validate: (value: unknown) => {
        const text = textOf(value);
        return typeof text !== 'string' || Buffer.byteLength(text) <= max;
      },
      defaultMessage: (args) => `${args?.property ?? 'it'} must be at most ${max} bytes`,
    },
  });
}
