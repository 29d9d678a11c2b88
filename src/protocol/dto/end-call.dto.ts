import { IsIn, ValidateIf } from 'class-validator';
import { Field } from './field.decorator.js';
import { IsId } from './id.decorator.js';
import { WhenGiven } from './when-given.decorator.js';

export class EndCallDto {
  /** The tutorial's client sends `null` when it hangs up without a call. */
  @ValidateIf(
    ({ to, callId }: EndCallDto) => to !== null && (to !== undefined || callId === undefined),
  )
  @IsId()
  readonly to?: string | null;

  @WhenGiven()
  @IsId()
  readonly callId?: string;

  /** Whether a rung device declines for its user or for itself. */
  @Field()
  @WhenGiven()
  @IsIn(['user', 'device'])
  readonly scope?: 'user' | 'device';

  /** What a client may propose; the server decides on every other reason. */
  @Field()
  @WhenGiven()
  @IsIn(['busy', 'failed'])
  readonly reason?: 'busy' | 'failed';
}
