import { IsString, Length, length } from 'class-validator';
import { LABEL_MAX_CHARACTERS } from '../limits.js';

/** The id of a connection, a user or a call. Whether there is such a one is for others to say. */
export function IsId(): PropertyDecorator {
  return (target, property) => {
    IsString()(target, property);
    Length(1, LABEL_MAX_CHARACTERS)(target, property);
  };
}

export function isId(value: unknown): value is string {
  return length(value, 1, LABEL_MAX_CHARACTERS);
}
