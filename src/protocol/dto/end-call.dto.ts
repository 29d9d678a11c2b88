import { IsIn, IsOptional, ValidateIf } from 'class-validator';
import { Nullable } from './fields.js';
import { IsId } from './id.decorator.js';

export class EndCallDto {
  /** The tutorial's client sends `null` when it hangs up without a call. */
  @Nullable()
  @ValidateIf(({ to, callId }: EndCallDto) => to !== undefined || callId === undefined)
  @IsId()
  readonly to?: string | null;

  @IsOptional()
  @IsId()
  readonly callId?: string;

  /** Whether a rung device declines for its user or for itself. */
  @IsOptional()
  @IsIn(['user', 'device'])
  readonly scope?: 'user' | 'device';

  /** What a client may propose; the server decides on every other reason. */
  @IsOptional()
  @IsIn(['busy', 'failed'])
  readonly reason?: 'busy' | 'failed';
}
