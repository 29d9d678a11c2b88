import { ValidationPipe } from '@nestjs/common';
import {
  IsIn,
  IsOptional,
  IsString,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  validateSync,
} from 'class-validator';
import fc from 'fast-check';
import { AnswerDto } from '../protocol/dto/answer.dto.js';
import { CallDto } from '../protocol/dto/call.dto.js';
import { CallIdDto } from '../protocol/dto/call-id.dto.js';
import { CandidateDto } from '../protocol/dto/candidate.dto.js';
import { EndCallDto } from '../protocol/dto/end-call.dto.js';
import { rebuild } from '../protocol/dto/fields.js';
import { OfferDto } from '../protocol/dto/offer.dto.js';
import { RegisterDto } from '../protocol/dto/register.dto.js';
import { CANDIDATE_MAX_BYTES, LABEL_MAX_CHARACTERS, SDP_MAX_BYTES } from '../protocol/limits.js';
import { isSurelyValid } from './compiled-validation.js';

type DtoClass = new () => object;
const DTOS: DtoClass[] = [
  RegisterDto,
  CallDto,
  CallIdDto,
  OfferDto,
  AnswerDto,
  CandidateDto,
  EndCallDto,
];
const named = (dtoClass: DtoClass) => [dtoClass.name, dtoClass] as const;
const RUNS = { numRuns: 2_000 };

const aroundALimit = [LABEL_MAX_CHARACTERS, CANDIDATE_MAX_BYTES, SDP_MAX_BYTES].flatMap((limit) => [
  'x'.repeat(limit),
  'x'.repeat(limit + 1),
  '€'.repeat(Math.ceil(limit / 3)),
]);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    'a',
    'user',
    'device',
    'busy',
    'failed',
    '<b>',
    '\ud800',
    ...aroundALimit,
  ),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -0, 65_535, 65_536, 0.5));
const odd = fc.oneof(
  { weight: 1, arbitrary: fc.anything({ withNullPrototype: true, withMap: true, withSet: true }) },
  { weight: 1, arbitrary: fc.constantFrom(undefined, null, true, [], {}, [[]], Symbol('odd')) },
  { weight: 1, arbitrary: fc.constantFrom(...'__proto__ constructor toString'.split(' ')) },
);
const maybe = <T>(likely: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: likely }, { weight: 1, arbitrary: odd });
const sdp = fc.oneof(
  text,
  fc.record({ type: fc.constantFrom('offer', 'answer', 'pranswer', 'rollback'), sdp: maybe(text) }),
);
const candidate = fc.oneof(
  fc.constant(null),
  fc.record(
    {
      candidate: maybe(text),
      sdpMid: maybe(fc.option(text)),
      sdpMLineIndex: maybe(fc.option(number)),
      usernameFragment: maybe(fc.option(text)),
    },
    { requiredKeys: [] },
  ),
);
const fields = {
  name: maybe(text),
  to: maybe(fc.option(text)),
  toUser: maybe(text),
  callId: maybe(text),
  sdp: maybe(sdp),
  candidate: maybe(candidate),
  scope: maybe(fc.constantFrom('user', 'device')),
  reason: maybe(fc.constantFrom('busy', 'failed', 'hangup')),
  constructor: odd,
};
const payload = fc.oneof(
  { weight: 20, arbitrary: fc.record(fields, { requiredKeys: [] }) },
  { weight: 1, arbitrary: odd },
);

describe.each(DTOS.map(named))('%s', (_, dtoClass) => {
  it('is surely valid whenever class-validator finds nothing wrong, and only then', () => {
    fc.assert(
      fc.property(payload, (value) => {
        const dto = rebuild(dtoClass, value);
        if (!(dto instanceof dtoClass)) return;
        expect(isSurelyValid(dto)).toBe(validateSync(dto, { stopAtFirstError: true }).length === 0);
      }),
      RUNS,
    );
  });
});

const READ_AS_THEY_LIKE: DtoClass[] = [RegisterDto, EndCallDto];

describe.each(DTOS.filter((dtoClass) => !READ_AS_THEY_LIKE.includes(dtoClass)).map(named))(
  '%s',
  (_, dtoClass) => {
    // Comparable as long as nothing is nested, which that pipe takes only with a @Type.
    const scalar = fc.oneof(text, number, fc.boolean(), fc.constantFrom(null, undefined));
    const flat = fc.record(
      {
        ...Object.fromEntries(Object.keys(fields).map((field) => [field, scalar])),
        to: fc.option(text),
        callId: text,
        surplus: scalar,
      },
      { requiredKeys: [] },
    );

    it('is what the stock ValidationPipe makes of a flat payload, null being left out', async () => {
      const stock = new ValidationPipe({ whitelist: true, transform: true });
      await fc.assert(
        fc.asyncProperty(flat, async (value) => {
          const ours = rebuild(dtoClass, value) as object;
          const theirs: unknown = await stock
            .transform(withoutNulls(value), { type: 'body', metatype: dtoClass })
            .catch(() => undefined);
          expect(isSurelyValid(ours)).toBe(theirs !== undefined);
          if (theirs !== undefined) expect(ours).toEqual(theirs);
        }),
        RUNS,
      );
    });
  },
);

/** But for the end of candidates: a null that says something. */
function withoutNulls(payload: object): object {
  return Object.fromEntries(
    Object.entries(payload).filter(([field, value]) => value !== null || field === 'candidate'),
  );
}

describe('what is not known to be right', () => {
  @ValidatorConstraint({ async: true })
  class Later {
    validate(): Promise<boolean> {
      return Promise.resolve(true);
    }
  }
  class Inner {
    readonly text = 'a';
  }
  class EachText {
    @IsString({ each: true }) texts = ['a'];
  }
  class If {
    @IsString({ validateIf: () => true }) text = 'a';
  }
  class Asynchronous {
    @Validate(Later) text = 'a';
  }
  class OfUnknown {
    @ValidateNested() inner = new Inner();
  }
  class OfMany {
    @ValidateNested() inner = [new Known()];
  }
  class Known {
    @IsOptional() @IsIn([1]) one?: number | null = null;
  }

  it.each([EachText, If, Asynchronous, OfUnknown, OfMany, Inner])(
    'is left to class-validator: %p',
    (dtoClass) => {
      expect(isSurelyValid(new dtoClass())).toBe(false);
    },
  );

  it('is nothing that it knows', () => {
    expect(isSurelyValid(new Known())).toBe(true);
  });
});
