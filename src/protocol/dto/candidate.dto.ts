import { Expose, Type } from 'class-transformer';
import {
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { CANDIDATE_MAX_BYTES, LABEL_MAX_CHARACTERS } from '../limits.js';
import { AddressedDto } from './addressed.dto.js';
import { MaxBytes } from './max-bytes.decorator.js';

class IceCandidateDto {
  @Expose()
  @IsString()
  @MaxBytes(CANDIDATE_MAX_BYTES)
  readonly candidate!: string;

  @Expose()
  @IsOptional()
  @IsString()
  @MaxLength(LABEL_MAX_CHARACTERS)
  readonly sdpMid?: string | null;

  @Expose()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly sdpMLineIndex?: number | null;

  @Expose()
  @IsOptional()
  @IsString()
  @MaxLength(LABEL_MAX_CHARACTERS)
  readonly usernameFragment?: string | null;
}

export class CandidateDto extends AddressedDto {
  /** `null` is the end of candidates; a missing one is an error. */
  @Expose()
  @Type(() => IceCandidateDto)
  @ValidateIf(({ candidate }: CandidateDto) => candidate !== null)
  @IsObject()
  @ValidateNested()
  readonly candidate!: IceCandidateDto | null;
}
