import { ValidateIf } from 'class-validator';
import { IsRecipient } from './recipient.decorator.js';

export class EndCallDto {
  /** The tutorial's client sends `null` when it hangs up without a call. */
  @ValidateIf(({ to }: EndCallDto) => to !== null)
  @IsRecipient()
  readonly to!: string | null;
}
