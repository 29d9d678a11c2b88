import { IsOptional, ValidateIf } from 'class-validator';
import { IsId } from './id.decorator.js';

/** A message for a connection, or for the other side of a call; with both, the call counts. */
export abstract class AddressedDto {
  @ValidateIf(({ to, callId }: AddressedDto) => to !== undefined || callId === undefined)
  @IsId()
  readonly to?: string;

  @IsOptional()
  @IsId()
  readonly callId?: string;
}
