import { IsString, Length } from 'class-validator';
import { TOKEN_MAX_CHARACTERS } from '../limits.js';

export class RefreshTokenDto {
  @IsString() @Length(1, TOKEN_MAX_CHARACTERS) readonly token!: string;
}
