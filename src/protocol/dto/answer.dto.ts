import type { Sdp } from '../events.js';
import { IsRecipient } from './recipient.decorator.js';
import { IsSdp } from './session-description.js';

export class AnswerDto {
  @IsRecipient() readonly to!: string;
  @IsSdp('answer', 'pranswer') readonly sdp!: Sdp;
}
