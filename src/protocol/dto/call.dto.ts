import { IsRecipient } from './recipient.decorator.js';

export class CallDto {
  @IsRecipient() readonly to!: string;
}
