import { ValidateBy } from 'class-validator';
import { SDP_MAX_BYTES } from '../limits.js';
import { Field, rebuild } from './field.decorator.js';
import { MaxBytes } from './max-bytes.decorator.js';

class SessionDescription {
  @Field() readonly type!: string;
  @Field() readonly sdp!: string;
}

/** A bare SDP text, or `{ type, sdp }` with the event's own type. The text is not inspected. */
export function IsSdp(...types: string[]): PropertyDecorator {
  return (target, property) => {
    Field((value) => rebuild(SessionDescription, value))(target, property);
    MaxBytes(SDP_MAX_BYTES, textOf)(target, property);
    ValidateBy({
      name: 'isSdp',
      validator: {
        validate: (value: unknown) =>
          typeof textOf(value) === 'string' &&
          (typeof value === 'string' || types.includes((value as SessionDescription).type)),
        defaultMessage: () => `sdp must be a text, or { type: ${types.join(' or ')}, sdp: a text }`,
      },
    })(target, property);
  };
}

function textOf(value: unknown): unknown {
  return value instanceof SessionDescription ? value.sdp : value;
}
