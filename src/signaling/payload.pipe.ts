import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { MAX_BYTES } from '../protocol/dto/max-bytes.decorator.js';
import { SignalingError } from '../protocol/signaling-error.js';

type DtoClass = Type<object> & { readonly bareField?: string };

/**
 * Rebuilds a payload as its DTO, from the properties that the DTO names and nothing else, and
 * validates it. Synchronous, where Nest's own ValidationPipe is not, so that the messages of one
 * connection are handled in the order in which they came; and unlike that one it never walks the
 * parts of a payload that nobody asked for, which a hostile client may nest thousands deep.
 */
@Injectable()
export class PayloadPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body' || metatype === undefined || metatype === Object) return value;
    const dto = rebuild(metatype as DtoClass, value);
    const [error] = validateSync(dto, { stopAtFirstError: true });
    if (error !== undefined) throw refusalOf(error);
    return dto;
  }
}

function rebuild(dtoClass: DtoClass, value: unknown): object {
  const payload = dtoClass.bareField === undefined ? value : { [dtoClass.bareField]: value };
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new SignalingError('invalid_payload', 'the payload must be an object');
  }
  try {
    return plainToInstance(dtoClass, payload, { excludeExtraneousValues: true });
  } catch {
    // A field that takes a text or a number holds an object that cannot even be copied: nested
    // too deeply for the stack, or posing as a class.
    throw new SignalingError('invalid_payload', 'a field holds an object');
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
