import { IsOptional, IsString } from 'class-validator';
import { Nullable, ReadAs, rebuild } from './fields.js';

class Base {
  @IsString() readonly text!: string;
}

class Dto extends Base {
  @ReadAs((value) => [value]) @IsOptional() readonly read?: unknown;
  @Nullable() @IsString() readonly nullable?: string | null;
}

describe('a payload', () => {
  it('is rebuilt from the fields that have a rule, those of the parent class included', () => {
    const dto = rebuild(Dto, { text: 'a', read: 'b', nullable: 'c', more: 'd' });
    expect(dto).toBeInstanceOf(Dto);
    expect(dto).toEqual({ text: 'a', read: ['b'], nullable: 'c' });
  });

  it('says by a null that a field is left out, unless null says something there', () => {
    expect(rebuild(Dto, { text: null, read: null, nullable: null })).toEqual({ nullable: null });
  });

  it.each([undefined, null, 1, 'text', [], [{ text: 'a' }]])('stays what it is: %j', (payload) => {
    expect(rebuild(Dto, payload)).toBe(payload);
  });

  it('cannot be for a DTO with a field that was forgotten to be given a rule', () => {
    class Forgetful extends Base {
      readonly forgotten!: string;
    }
    expect(() => rebuild(Forgetful, {})).toThrow('Forgetful.forgotten has no rule');
  });
});
