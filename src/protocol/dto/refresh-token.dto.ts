import { IsString, Length } from 'class-validator';
import { TOKEN_MAX_CHARACTERS } from '../limits.js';
import { Field } from './field.decorator.js';

export class RefreshTokenDto {
  @Field() @IsString() @Length(1, TOKEN_MAX_CHARACTERS) readonly token!: string;
}
