import type { Type } from '@nestjs/common';
import { LABEL_MAX_CHARACTERS } from '../protocol/limits.js';
import type { SignalingError } from '../protocol/signaling-error.js';
import { AnswerDto } from '../protocol/dto/answer.dto.js';
import { CallDto } from '../protocol/dto/call.dto.js';
import { CallIdDto } from '../protocol/dto/call-id.dto.js';
import { CandidateDto } from '../protocol/dto/candidate.dto.js';
import { EndCallDto } from '../protocol/dto/end-call.dto.js';
import { OfferDto } from '../protocol/dto/offer.dto.js';
import { PayloadPipe } from './payload.pipe.js';

const pipe = new PayloadPipe();
const TOO_LONG = 'x'.repeat(LABEL_MAX_CHARACTERS + 1);
const LONGEST = 'x'.repeat(LABEL_MAX_CHARACTERS);
/** What is not an id, in whichever field. */
const NO_IDS = ['', TOO_LONG, 0, 1, true, [], ['id'], {}, { id: 'id' }];

/** The fields that reach the handler, those left out apart. */
function parse(dto: Type<object>, payload: unknown): object {
  const parsed = pipe.transform(payload, { type: 'body', metatype: dto });
  return JSON.parse(JSON.stringify(parsed)) as object;
}

/** What the sender is told, which names the field and never holds what was sent. */
function problemOf(dto: Type<object>, payload: unknown): { code: string; message: string } {
  try {
    parse(dto, payload);
  } catch (error) {
    const { code, message } = error as SignalingError;
    return { code, message };
  }
  throw new Error(`accepted: ${JSON.stringify(payload)}`);
}

function invalid(field: string): object {
  const message: unknown = expect.stringMatching(new RegExp(`^${field}\\b`));
  return { code: 'invalid_payload', message };
}

describe('call', () => {
  it.each([{ to: 'id' }, { toUser: 'id' }, { to: LONGEST }, { toUser: LONGEST }])(
    'takes exactly one address: %j',
    (payload) => {
      expect(parse(CallDto, payload)).toEqual(payload);
      expect(parse(CallDto, { ...payload, more: 'dropped' })).toEqual(payload);
    },
  );

  it('needs one', () => {
    expect(problemOf(CallDto, {})).toEqual(invalid('to'));
    expect(problemOf(CallDto, { callId: 'id' })).toEqual(invalid('to'));
  });

  it.each([
    { to: 'id', toUser: 'id' },
    { to: '', toUser: 'id' },
    { to: 0, toUser: 'id' },
  ])('does not take two: %j', (payload) => {
    expect(problemOf(CallDto, payload)).toEqual(invalid('toUser'));
  });

  it('takes a null for an address left out', () => {
    expect(parse(CallDto, { to: 'id', toUser: null })).toEqual({ to: 'id' });
    expect(parse(CallDto, { to: null, toUser: 'id' })).toEqual({ toUser: 'id' });
    expect(problemOf(CallDto, { to: null })).toEqual(invalid('to'));
    expect(problemOf(CallDto, { to: null, toUser: null })).toEqual(invalid('to'));
  });

  it.each(NO_IDS)('does not take %j for an id', (id) => {
    expect(problemOf(CallDto, { to: id })).toEqual(invalid('to'));
    expect(problemOf(CallDto, { toUser: id })).toEqual(invalid('toUser'));
  });
});

describe('ringing and accept', () => {
  it('take a call id and nothing else', () => {
    expect(parse(CallIdDto, { callId: 'id', to: 'dropped' })).toEqual({ callId: 'id' });
    expect(problemOf(CallIdDto, {})).toEqual(invalid('callId'));
    expect(problemOf(CallIdDto, { to: 'id' })).toEqual(invalid('callId'));
  });

  it.each(NO_IDS)('do not take %j for an id', (callId) => {
    expect(problemOf(CallIdDto, { callId })).toEqual(invalid('callId'));
  });
});

describe.each([
  { event: 'offer', dto: OfferDto, content: { sdp: 'v=0' } },
  { event: 'answer', dto: AnswerDto, content: { sdp: { type: 'answer', sdp: 'v=0' } } },
  { event: 'candidate', dto: CandidateDto, content: { candidate: null } },
])('$event', ({ dto, content }) => {
  it.each([{ to: 'id' }, { callId: 'id' }, { to: 'id', callId: 'id' }])(
    'takes a connection, a call, or both: %j',
    (address) => {
      const payload = { ...address, ...content };
      expect(parse(dto, payload)).toEqual(payload);
      expect(parse(dto, { ...payload, toUser: 'dropped', socketId: 'dropped' })).toEqual(payload);
    },
  );

  it('needs one of them', () => {
    expect(problemOf(dto, content)).toEqual(invalid('to'));
    expect(problemOf(dto, { ...content, toUser: 'id' })).toEqual(invalid('to'));
  });

  it.each(NO_IDS)('does not take %j for an id, not even beside a good one', (id) => {
    expect(problemOf(dto, { ...content, to: id })).toEqual(invalid('to'));
    expect(problemOf(dto, { ...content, to: id, callId: 'id' })).toEqual(invalid('to'));
    expect(problemOf(dto, { ...content, callId: id })).toEqual(invalid('(to|callId)'));
    expect(problemOf(dto, { ...content, to: 'id', callId: id })).toEqual(invalid('callId'));
  });

  it('takes a null for an address left out', () => {
    expect(parse(dto, { ...content, to: 'id', callId: null })).toEqual({ ...content, to: 'id' });
    expect(parse(dto, { ...content, to: null, callId: 'id' })).toEqual({
      ...content,
      callId: 'id',
    });
    expect(problemOf(dto, { ...content, to: null })).toEqual(invalid('to'));
    expect(problemOf(dto, { ...content, to: null, callId: null })).toEqual(invalid('to'));
  });

  it('needs its content', () => {
    const [field = ''] = Object.keys(content);
    expect(problemOf(dto, { to: 'id' })).toEqual(invalid(field));
  });
});

describe('endCall', () => {
  it.each([
    { to: 'id' },
    { to: null },
    { callId: 'id' },
    { to: 'id', callId: 'id' },
    { to: null, callId: 'id' },
    { callId: 'id', scope: 'user' },
    { callId: 'id', scope: 'device', reason: 'busy' },
    { to: 'id', reason: 'failed' },
  ])('takes %j', (payload) => {
    expect(parse(EndCallDto, payload)).toEqual(payload);
    expect(parse(EndCallDto, { ...payload, socketId: 'dropped' })).toEqual(payload);
  });

  it('needs something to end', () => {
    expect(problemOf(EndCallDto, {})).toEqual(invalid('to'));
    expect(problemOf(EndCallDto, { reason: 'busy' })).toEqual(invalid('to'));
  });

  it.each(NO_IDS)('does not take %j for an id', (id) => {
    expect(problemOf(EndCallDto, { to: id })).toEqual(invalid('to'));
    expect(problemOf(EndCallDto, { callId: id })).toEqual(invalid('to'));
    expect(problemOf(EndCallDto, { to: id, callId: id })).toEqual(invalid('to'));
  });

  it.each(NO_IDS)('takes a good address that %j stands beside', (id) => {
    expect(parse(EndCallDto, { to: id, callId: 'id' })).toEqual({ callId: 'id' });
    expect(parse(EndCallDto, { to: 'id', callId: id })).toEqual({ to: 'id' });
  });

  it('takes a null for what was left out, except that there is no call with nobody', () => {
    const nulls = { callId: null, scope: null, reason: null };
    expect(parse(EndCallDto, { ...nulls, to: 'id' })).toEqual({ to: 'id' });
    expect(parse(EndCallDto, { ...nulls, to: null, callId: 'id' })).toEqual({
      to: null,
      callId: 'id',
    });
    expect(parse(EndCallDto, { ...nulls, to: null })).toEqual({ to: null });
    expect(problemOf(EndCallDto, nulls)).toEqual(invalid('to'));
  });

  it.each(['', 'users', 'User', 1, true, ['user'], {}, TOO_LONG])(
    'takes the scope %j for none, and ends the call for the user',
    (scope) => {
      expect(parse(EndCallDto, { to: 'id', scope })).toEqual({ to: 'id' });
    },
  );

  it.each(['', 'hangup', 'declined', 'shutdown', 'my own words', 1, true, ['busy'], {}, TOO_LONG])(
    'takes the reason %j, which is not for a client to give, for none',
    (reason) => {
      expect(parse(EndCallDto, { callId: 'id', reason })).toEqual({ callId: 'id' });
    },
  );
});

it.each([undefined, null, 'id', 1, true, [], [{ to: 'id', callId: 'id' }]])(
  'no event takes %j for its payload',
  (payload) => {
    for (const dto of [CallDto, CallIdDto, OfferDto, AnswerDto, CandidateDto, EndCallDto]) {
      expect(problemOf(dto, payload)).toMatchObject({ code: 'invalid_payload' });
    }
  },
);
