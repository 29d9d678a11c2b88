import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { algorithmsFor } from './key-algorithms.js';

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

describe('what a key may check', () => {
  it.each([
    [2_048, RSA],
    [1_024, []],
  ])('is by RSA of %i bits: %j', (modulusLength, algorithms) => {
    expect(algorithmsFor(generateKeyPairSync('rsa', { modulusLength }).publicKey)).toEqual(
      algorithms,
    );
  });

  it.each([
    ['P-256', ['ES256']],
    ['P-384', ['ES384']],
    ['P-521', ['ES512']],
    ['secp256k1', []],
    ['secp224r1', []],
  ])('is on the curve %s: %j', (namedCurve, algorithms) => {
    expect(algorithmsFor(generateKeyPairSync('ec', { namedCurve }).publicKey)).toEqual(algorithms);
  });

  it('is with Edwards curves on Ed25519 alone', () => {
    expect(algorithmsFor(generateKeyPairSync('ed25519').publicKey)).toEqual(['EdDSA', 'Ed25519']);
    expect(algorithmsFor(generateKeyPairSync('ed448').publicKey)).toEqual([]);
    expect(algorithmsFor(generateKeyPairSync('x25519').publicKey)).toEqual([]);
  });

  it.each([
    [31, []],
    [32, ['HS256']],
    [47, ['HS256']],
    [48, ['HS256', 'HS384']],
    [63, ['HS256', 'HS384']],
    [64, ['HS256', 'HS384', 'HS512']],
  ])('is with a secret of %i bytes: %j', (bytes, algorithms) => {
    expect(algorithmsFor(createSecretKey(Buffer.alloc(bytes)))).toEqual(algorithms);
  });
});
