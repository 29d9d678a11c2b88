import type { Sdp } from '../events.js';
import { AddressedDto } from './addressed.dto.js';
import { IsSdp } from './session-description.js';

export class AnswerDto extends AddressedDto {
  @IsSdp('answer', 'pranswer') readonly sdp!: Sdp;
}
