import type { IncomingMessage } from 'node:http';
import { Settings } from '../config/settings.js';
import { ClientAddress } from './client-address.js';

describe('ClientAddress', () => {
  const of = (trust: string, remoteAddress: string, forwarded?: string) =>
    new ClientAddress(Settings.from({ TRUST_PROXY: trust })).of({
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      socket: { remoteAddress },
    } as unknown as IncomingMessage);

  it('believes nobody by default', () => {
    expect(of('off', '203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
  });

  it('believes as many hops as it is told', () => {
    expect(of('1', '10.0.0.1', '198.51.100.1')).toBe('198.51.100.1');
    expect(of('1', '10.0.0.1', '192.0.2.66, 198.51.100.1')).toBe('198.51.100.1');
    expect(of('2', '10.0.0.1', '192.0.2.66, 198.51.100.1')).toBe('192.0.2.66');
  });

  it('believes the networks it is told, and no address that they did not see', () => {
    expect(of('10.0.0.0/8', '10.0.0.1', '192.0.2.66, 198.51.100.1')).toBe('198.51.100.1');
    expect(of('10.0.0.0/8', '203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
  });

  it('takes the /64 of an IPv6 address, and IPv4 in IPv6 for what it is', () => {
    expect(of('off', '2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(of('off', '2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(of('off', '2001:db8::9')).toBe('2001:db8:0:0::/64');
    expect(of('off', '::1')).toBe('0:0:0:0::/64');
    expect(of('off', 'fe80::1%eth0')).toBe('fe80:0:0:0::/64');
    expect(of('off', '::ffff:192.0.2.1')).toBe('192.0.2.1');
  });

  it.each([
    ['203.0.113.7:50001', '203.0.113.7'],
    ['203.0.113.7:50002', '203.0.113.7'],
    ['[2001:db8::1]:50001', '2001:db8:0:0::/64'],
    ['[2001:db8::2]:50002', '2001:db8:0:0::/64'],
    ['[2001:db8::1]', '2001:db8:0:0::/64'],
    ['[203.0.113.7]:50001', '203.0.113.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8:0:0::/64'],
    ['2001:0db8:0000::1', '2001:db8:0:0::/64'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:50001', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['::192.0.2.1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['[fe80::1%25eth0]:50001', 'fe80:0:0:0::/64'],
    ['\t203.0.113.7:50001\t', '203.0.113.7'],
  ])('takes %j, as a proxy may write it, for what it is', (forwarded, address) => {
    expect(of('1', '10.0.0.1', forwarded)).toBe(address);
  });

  it('knows a proxy that it trusts by whatever way its address is written', () => {
    for (const proxy of ['10.0.0.2', '10.0.0.2:443', '[::ffff:10.0.0.2]:443', '::ffff:a00:2']) {
      expect(of('10.0.0.0/8', '::ffff:10.0.0.1', `192.0.2.66:1, ${proxy}`)).toBe('192.0.2.66');
    }
    expect(of('fd00::/8', 'fd00::1%eth0', '192.0.2.66, [FD00::2]:443')).toBe('192.0.2.66');
  });

  it.each([
    'rubbish',
    'unknown',
    '_hidden',
    '',
    ',',
    '1',
    '0x7f.1',
    '127.1',
    '256.0.0.1',
    '203.0.113.7:',
    '203.0.113.7:port',
    '203.0.113.7:50001:1',
    '203.0.113.7/32',
    '[203.0.113.7',
    '[]:50001',
    ':50001',
    '2001:db8:0:0:0:0:0:1:50001',
    '1:2:3',
    'a'.repeat(16_000),
    '['.repeat(16_000),
  ])('counts what is no address as the proxy that passed it on: %j', (forwarded) => {
    expect(of('1', '10.0.0.1', forwarded)).toBe('10.0.0.1');
    expect(of('2', '10.0.0.1', `${forwarded}, 198.51.100.1`)).toBe('198.51.100.1');
    expect(of('9', '10.0.0.1', `192.0.2.66, ${forwarded || 'x'}, 198.51.100.1`)).toBe(
      forwarded === ',' ? '192.0.2.66' : '198.51.100.1',
    );
  });

  it('survives a socket that is gone, and one without addresses', () => {
    const none = undefined as unknown as string;
    expect(of('off', none)).toBe('unknown');
    expect(of('10.0.0.0/8', none, '192.0.2.66')).toBe('unknown');
    expect(of('1', none, '192.0.2.66')).toBe('192.0.2.66'); // a Unix socket, of which a proxy has the other end
  });
});
