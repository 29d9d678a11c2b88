import { ValidateBy } from 'class-validator';
import { SDP_MAX_BYTES } from '../limits.js';
import { isObject, ReadAs } from './fields.js';
import { MaxBytes } from './max-bytes.decorator.js';

class SessionDescription {
  constructor(
    readonly type: unknown,
    readonly sdp: unknown,
  ) {}
}

/** A bare SDP text, or `{ type, sdp }` with the event's own type. The text is not inspected. */
export function IsSdp(...types: string[]): PropertyDecorator {
  return (target, property) => {
    ReadAs(read)(target, property);
    MaxBytes(SDP_MAX_BYTES, textOf)(target, property);
    ValidateBy({
      name: 'isSdp',
      validator: {
        validate: (value: unknown) =>
          typeof textOf(value) === 'string' &&
          textOf(value) !== '' &&
          (typeof value === 'string' || types.includes((value as { type: string }).type)),
        defaultMessage: () =>
          `sdp must be a text that is not empty, or { type: ${types.join(' or ')}, sdp: a text }`,
      },
    })(target, property);
  };
}

function read(value: unknown): unknown {
  return isObject(value) ? new SessionDescription(value.type, value.sdp) : value;
}

function textOf(value: unknown): unknown {
  return value instanceof SessionDescription ? value.sdp : value;
}
