import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { type ValidationError, validateSync } from 'class-validator';
import { type DtoClass, dtoOf } from '../protocol/dto/fields.js';
import { MAX_BYTES } from '../protocol/dto/max-bytes.decorator.js';
import { SignalingError } from '../protocol/signaling-error.js';

/**
 * Rebuilds a payload as its DTO, from the fields that the DTO names and nothing else, and validates
 * it. Synchronous, where Nest's own ValidationPipe is not, so that the messages of one connection
 * are handled in the order in which they came; and unlike that one it never walks the parts of a
 * payload that nobody asked for.
 */
@Injectable()
export class PayloadPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body' || metatype === undefined || metatype === Object) return value;
    const dto = dtoOf(metatype as DtoClass, value);
    if (dto === undefined) {
      throw new SignalingError('invalid_payload', 'the payload must be an object');
    }
    const [error] = validateSync(dto, { stopAtFirstError: true });
    if (error !== undefined) throw refusalOf(error);
    return dto;
  }
}

function refusalOf(
  { property, constraints, children }: ValidationError,
  path = '',
): SignalingError {
  const [child] = children ?? [];
  if (child !== undefined) return refusalOf(child, `${path}${property}.`);
  const [[rule, message] = ['', 'the payload is invalid']] = Object.entries(constraints ?? {});
  return new SignalingError(
    rule === MAX_BYTES ? 'payload_too_large' : 'invalid_payload',
    `${path}${message}`,
  );
}
