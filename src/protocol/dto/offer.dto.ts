import type { Sdp } from '../events.js';
import { IsRecipient } from './recipient.decorator.js';
import { IsSdp } from './session-description.js';

export class OfferDto {
  @IsRecipient() readonly to!: string;
  @IsSdp('offer') readonly sdp!: Sdp;
}
