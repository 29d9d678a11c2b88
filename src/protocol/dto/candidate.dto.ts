import {
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { CANDIDATE_MAX_BYTES, LABEL_MAX_CHARACTERS } from '../limits.js';
import { AddressedDto } from './addressed.dto.js';
import { Nullable, ReadAs, rebuild } from './fields.js';
import { MaxBytes } from './max-bytes.decorator.js';

/** Browsers take no candidate that belongs nowhere; only the empty one, the end, may. */
function IsPlaced(): PropertyDecorator {
  return ValidateBy({
    name: 'isPlaced',
    validator: {
      validate: (candidate, args) => {
        const { sdpMid, sdpMLineIndex } = args?.object as IceCandidateDto;
        const belongsSomewhere = (sdpMid ?? sdpMLineIndex ?? undefined) !== undefined;
        return belongsSomewhere || typeof candidate !== 'string' || candidate === '';
      },
      defaultMessage: () => 'sdpMid or sdpMLineIndex must say where the candidate belongs',
    },
  });
}

class IceCandidateDto {
  @IsString()
  @IsPlaced()
  @MaxBytes(CANDIDATE_MAX_BYTES)
  readonly candidate!: string;

  @Nullable()
  @IsOptional()
  @IsString()
  @MaxLength(LABEL_MAX_CHARACTERS)
  readonly sdpMid?: string | null;

  @Nullable()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly sdpMLineIndex?: number | null;

  @Nullable()
  @IsOptional()
  @IsString()
  @MaxLength(LABEL_MAX_CHARACTERS)
  readonly usernameFragment?: string | null;
}

export class CandidateDto extends AddressedDto {
  /** `null` is the end of candidates; a missing one is an error. */
  @Nullable()
  @ReadAs((value) => rebuild(IceCandidateDto, value))
  @IsObject()
  @ValidateNested()
  readonly candidate!: IceCandidateDto | null;
}
