import { IsOptional, ValidateIf } from 'class-validator';
import { Nullable, ReadAs } from './fields.js';
import { IsId, isId } from './id.decorator.js';

const SCOPES = ['user', 'device'] as const;
const REASONS = ['busy', 'failed'] as const;

/**
 * What ends a call is never refused over a detail, or the call would ring on: whatever is not
 * understood is as if left out.
 */
export class EndCallDto {
  /** The tutorial's client sends `null` when it hangs up without a call. */
  @Nullable()
  @ReadAs((value) => (value === null || isId(value) ? value : undefined))
  @ValidateIf(({ to, callId }: EndCallDto) => to !== undefined || callId === undefined)
  @IsId()
  readonly to?: string | null;

  @ReadAs((value) => (isId(value) ? value : undefined))
  @IsOptional()
  readonly callId?: string;

  /** Whether a rung device declines for its user or for itself. */
  @ReadAs((value) => SCOPES.find((scope) => scope === value))
  @IsOptional()
  readonly scope?: (typeof SCOPES)[number];

  /** What a client may propose; the server decides on every other reason. */
  @ReadAs((value) => REASONS.find((reason) => reason === value))
  @IsOptional()
  readonly reason?: (typeof REASONS)[number];
}
