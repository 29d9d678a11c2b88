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

  it('survives a header that is no address, and a socket that is gone', () => {
    expect(of('1', '10.0.0.1', 'rubbish')).toBe('rubbish');
    expect(of('off', undefined as unknown as string)).toBe('unknown');
  });
});
