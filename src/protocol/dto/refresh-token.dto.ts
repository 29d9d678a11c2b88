import { IsString, Length } from 'class-validator';
import { withoutBearer } from '../bearer.js';
import { TOKEN_MAX_CHARACTERS } from '../limits.js';
import { ReadAs } from './fields.js';

export class RefreshTokenDto {
  @ReadAs(withoutBearer)
  @IsString()
  @Length(1, TOKEN_MAX_CHARACTERS)
  readonly token!: string;
}
