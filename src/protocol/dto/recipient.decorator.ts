import { Expose } from 'class-transformer';
import { IsString, Length } from 'class-validator';
import { LABEL_MAX_CHARACTERS } from '../limits.js';

/** The id of the peer a message is for. */
export function IsRecipient(): PropertyDecorator {
  return (target, property) => {
    Expose()(target, property);
    IsString()(target, property);
    Length(1, LABEL_MAX_CHARACTERS)(target, property);
  };
}
