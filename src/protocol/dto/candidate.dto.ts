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
import { Field, rebuild } from './field.decorator.js';
import { MaxBytes } from './max-bytes.decorator.js';

class IceCandidateDto {
  @Field()
  @IsString()
  @MaxBytes(CANDIDATE_MAX_BYTES)
  readonly candidate!: string;

  @Field()
  @IsOptional()
  @IsString()
  @MaxLength(LABEL_MAX_CHARACTERS)
  readonly sdpMid?: string | null;

  @Field()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly sdpMLineIndex?: number | null;

  @Field()
  @IsOptional()
  @IsString()
  @MaxLength(LABEL_MAX_CHARACTERS)
  readonly usernameFragment?: string | null;
}

export class CandidateDto extends AddressedDto {
  /** `null` is the end of candidates; a missing one is an error. */
  @Field((value) => rebuild(IceCandidateDto, value))
  @ValidateIf(({ candidate }: CandidateDto) => candidate !== null)
  @IsObject()
  @ValidateNested()
  readonly candidate!: IceCandidateDto | null;
}
