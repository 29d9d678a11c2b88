import { IsOptional, ValidateBy, ValidateIf } from 'class-validator';
import { IsId } from './id.decorator.js';

/** Exactly one of the two. */
export class CallDto {
  @ValidateIf(({ toUser }: CallDto) => toUser === undefined)
  @IsId()
  readonly to?: string;

  @IsOptional()
  @IsId()
  @ValidateBy({
    name: 'isAlone',
    validator: {
      validate: (_, args) => (args?.object as CallDto).to === undefined,
      defaultMessage: () => 'toUser must not come with to',
    },
  })
  readonly toUser?: string;
}
