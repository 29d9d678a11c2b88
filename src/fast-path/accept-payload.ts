import type { Type } from '@nestjs/common';
import { type DtoClass, dtoOf } from '../protocol/dto/fields.js';
import { isSurelyValid } from './compiled-validation.js';

/** The payload as its DTO; undefined unless there is surely nothing wrong with it. */
export function acceptPayload(payload: unknown, metatype: Type | undefined): object | undefined {
  if (metatype === undefined || metatype === Object) return undefined;
  const dto = dtoOf(metatype as DtoClass, payload);
  return dto !== undefined && isSurelyValid(dto) ? dto : undefined;
}
