import { IsString, Length } from 'class-validator';
import { bearerOf } from '../bearer.js';
import { TOKEN_MAX_CHARACTERS } from '../limits.js';
import { ReadAs } from './fields.js';

export class RefreshTokenDto {
  @ReadAs((value) => (typeof value === 'string' ? (bearerOf(value) ?? value) : value))
  @IsString()
  @Length(1, TOKEN_MAX_CHARACTERS)
  readonly token!: string;
}
