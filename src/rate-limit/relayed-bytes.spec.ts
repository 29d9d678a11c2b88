import { relayedBytes } from './relayed-bytes.js';

describe('relayedBytes', () => {
  it.each([
    [{ to: 'x', sdp: 'v=0' }, 3],
    [{ to: 'x', sdp: { type: 'offer', sdp: 'ü€' } }, 5],
    [{ to: 'x', candidate: { candidate: 'cand', sdpMid: '0' } }, 4],
    [{ to: 'x', candidate: null }, 0],
    [{ to: 'x', sdp: { sdp: { sdp: 'v=0' } } }, 0],
    [{ sdp: ['v=0'], candidate: 7 }, 0],
    [null, 0],
    [undefined, 0],
    ['v=0', 0],
  ])('of %j are %i', (payload, bytes) => {
    expect(relayedBytes(payload)).toBe(bytes);
  });
});
