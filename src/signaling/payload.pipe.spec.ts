import type { Type } from '@nestjs/common';
import { AnswerDto } from '../protocol/dto/answer.dto.js';
import { CallDto } from '../protocol/dto/call.dto.js';
import { CandidateDto } from '../protocol/dto/candidate.dto.js';
import { EndCallDto } from '../protocol/dto/end-call.dto.js';
import { OfferDto } from '../protocol/dto/offer.dto.js';
import { RegisterDto } from '../protocol/dto/register.dto.js';
import { CANDIDATE_MAX_BYTES, SDP_MAX_BYTES } from '../protocol/limits.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { PayloadPipe } from './payload.pipe.js';

const pipe = new PayloadPipe();

function rebuilt(metatype: Type<object>, payload: unknown): unknown {
  return pipe.transform(payload, { type: 'body', metatype });
}

function refusalOf(metatype: Type<object>, payload: unknown): { code: string; message: string } {
  try {
    rebuilt(metatype, payload);
  } catch (error) {
    if (error instanceof SignalingError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was taken');
}

function nested(levels: number): unknown {
  return JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels));
}

describe('PayloadPipe', () => {
  it('is no business of the connection, which is a parameter of every handler as well', () => {
    const peer = { id: 'a' };
    expect(pipe.transform(peer, { type: 'custom', metatype: CallDto })).toBe(peer);
    expect(pipe.transform(peer, { type: 'body', metatype: Object })).toBe(peer);
    expect(pipe.transform(peer, { type: 'body' })).toBe(peer);
  });

  it('answers at once: an await would let a candidate overtake its offer', () => {
    expect(rebuilt(CallDto, { to: 'b' })).toBeInstanceOf(CallDto);
  });

  it.each([
    [OfferDto, { to: 'b', sdp: 'v=0' }],
    [OfferDto, { to: 'b', sdp: { type: 'offer', sdp: 'v=0' } }],
    [AnswerDto, { to: 'b', sdp: { type: 'pranswer', sdp: 'v=0' } }],
    [CandidateDto, { to: 'b', candidate: null }],
    [CandidateDto, { to: 'b', candidate: { candidate: '' } }],
    [CandidateDto, { to: 'b', candidate: { candidate: 'x', sdpMid: '' } }],
    [CandidateDto, { to: 'b', candidate: { candidate: 'x', sdpMLineIndex: 0 } }],
    [
      CandidateDto,
      {
        to: 'b',
        candidate: { candidate: 'x', sdpMid: null, sdpMLineIndex: 0, usernameFragment: null },
      },
    ],
    [EndCallDto, { to: null }],
  ])('takes a good %p as it is', (dto, payload) => {
    expect({ ...(rebuilt(dto, payload) as object) }).toEqual(payload);
  });

  it('takes a bare payload for the field that it stands for', () => {
    expect(rebuilt(RegisterDto, '  Ana ')).toEqual({ name: 'Ana' });
  });

  it('leaves out whatever no DTO names, at every level', () => {
    const extra = { evil: 1, from: 'somebody else', socketId: 'x' };
    expect({ ...(rebuilt(CallDto, { to: 'b', ...extra }) as object) }).toEqual({ to: 'b' });
    expect(
      rebuilt(OfferDto, { to: 'b', sdp: { type: 'offer', sdp: 'v=0', ...extra }, ...extra }),
    ).toEqual({ to: 'b', sdp: { type: 'offer', sdp: 'v=0' } });
    expect(
      rebuilt(CandidateDto, { to: 'b', candidate: { candidate: '', ...extra }, ...extra }),
    ).toEqual({ to: 'b', candidate: { candidate: '' } });
  });

  it('takes over no prototype that a payload brings along', () => {
    const payload: unknown = JSON.parse(
      '{"to":"b","__proto__":{"to":"c"},"constructor":{"name":"x"}}',
    );
    const dto = rebuilt(CallDto, payload);
    expect(Object.getPrototypeOf(dto)).toBe(CallDto.prototype);
    expect({ ...(dto as object) }).toEqual({ to: 'b' });
  });

  it.each([[undefined], [null], [42], ['text'], [true], [[]], [[{ to: 'b' }]]])(
    'refuses %p where an object is due',
    (payload) => {
      expect(refusalOf(CallDto, payload)).toEqual({
        code: 'invalid_payload',
        message: 'the payload must be an object',
      });
    },
  );

  it.each([
    [CallDto, {}, /^to /],
    [CallDto, { to: '' }, /^to /],
    [CallDto, { to: ['b'] }, /^to /],
    [CallDto, { to: 'b'.repeat(1_000) }, /^to /],
    [OfferDto, { to: 'b' }, /^sdp /],
    [OfferDto, { to: 'b', sdp: { type: 'answer', sdp: 'v=0' } }, /^sdp .*offer/],
    [AnswerDto, { to: 'b', sdp: { type: 'offer', sdp: 'v=0' } }, /^sdp .*answer or pranswer/],
    [CandidateDto, { to: 'b' }, /^candidate /],
    [CandidateDto, { to: 'b', candidate: {} }, /^candidate\.candidate /],
    [CandidateDto, { to: 'b', candidate: { candidate: 1 } }, /^candidate\.candidate /],
    [CandidateDto, { to: 'b', candidate: { candidate: 'x' } }, /^candidate\.sdpMid or /],
    [
      CandidateDto,
      { to: 'b', candidate: { candidate: 'x', sdpMid: null, sdpMLineIndex: null } },
      /^candidate\.sdpMid or /,
    ],
    [
      CandidateDto, // as AppRTC says it
      { to: 'b', candidate: { candidate: 'x', label: 0, id: 'audio' } },
      /^candidate\.sdpMid or /,
    ],
    [OfferDto, { to: 'b', sdp: '' }, /^sdp /],
    [OfferDto, { to: 'b', sdp: { type: 'offer', sdp: '' } }, /^sdp /],
    [CandidateDto, { to: 'b', candidate: { candidate: '', sdpMid: 1 } }, /^candidate\.sdpMid /],
    [RegisterDto, '', /^name /],
    [RegisterDto, {}, /^name /],
  ])('names the field that is wrong in %p %j', (dto, payload, message) => {
    const refusal = refusalOf(dto, payload);
    expect(refusal.code).toBe('invalid_payload');
    expect(refusal.message).toMatch(message);
  });

  it('tells what is too large from what is wrong', () => {
    const sdp = 'x'.repeat(SDP_MAX_BYTES + 1);
    for (const payload of [
      { to: 'b', sdp },
      { to: 'b', sdp: { type: 'offer', sdp } },
    ]) {
      expect(refusalOf(OfferDto, payload)).toMatchObject({
        code: 'payload_too_large',
        message: expect.stringMatching(/^sdp /) as string,
      });
    }
    const candidate = 'x'.repeat(CANDIDATE_MAX_BYTES + 1);
    expect(refusalOf(CandidateDto, { to: 'b', candidate: { candidate } })).toMatchObject({
      code: 'payload_too_large',
      message: expect.stringMatching(/^candidate\.candidate /) as string,
    });
  });

  it('counts bytes, not characters', () => {
    const sdp = 'ü'.repeat(SDP_MAX_BYTES / 2);
    expect(rebuilt(OfferDto, { to: 'b', sdp })).toEqual({ to: 'b', sdp });
    expect(refusalOf(OfferDto, { to: 'b', sdp: `${sdp}x` }).code).toBe('payload_too_large');
  });

  it('never quotes what a client sent', () => {
    const secret = 'candidate:1 1 udp 1 192.0.2.1 9 typ host';
    for (const [dto, payload] of [
      [OfferDto, { to: 'b', sdp: { type: secret, sdp: 'v=0' } }],
      [CandidateDto, { to: 'b', candidate: { candidate: '', sdpMLineIndex: secret } }],
      [RegisterDto, `${secret}\0`],
    ] as const) {
      expect(refusalOf(dto, payload).message).not.toContain('192.0.2.1');
    }
  });

  it('takes no harm from nesting thousands deep, where it does not look and where it does', () => {
    const deep = nested(5_000);
    expect(rebuilt(CallDto, { to: 'b', extra: deep })).toEqual({ to: 'b' });
    for (const [dto, payload] of [
      [CallDto, { to: deep }],
      [OfferDto, { to: 'b', sdp: deep }],
      [OfferDto, { to: 'b', sdp: { type: 'offer', sdp: deep } }],
      [CandidateDto, { to: 'b', candidate: deep }],
      [CandidateDto, { to: 'b', candidate: { candidate: deep } }],
      [RegisterDto, deep],
    ] as const) {
      expect(refusalOf(dto, payload).code).toBe('invalid_payload');
    }
  });
});
