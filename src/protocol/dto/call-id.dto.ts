import { IsId } from './id.decorator.js';

/** For the events that say something about a call and nothing else: `ringing` and `accept`. */
export class CallIdDto {
  @IsId() readonly callId!: string;
}
