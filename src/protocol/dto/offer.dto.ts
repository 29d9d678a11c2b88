import type { Sdp } from '../events.js';
import { AddressedDto } from './addressed.dto.js';
import { IsSdp } from './session-description.js';

export class OfferDto extends AddressedDto {
  @IsSdp('offer') readonly sdp!: Sdp;
}
