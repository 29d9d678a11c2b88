import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Settings } from '../config/settings.js';
import { Origins } from './origins.js';

const LISTED = 'https://app.example';

const asked = (headers: IncomingHttpHeaders, remoteAddress = '10.0.0.1') =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

const origins = (environment: Record<string, string> = {}) =>
  new Origins(Settings.from({ CORS_ORIGINS: LISTED, ...environment }));

describe('an origin that names the host that was asked', () => {
  const isForeign = (origin: string, host: string | undefined, more: IncomingHttpHeaders = {}) =>
    origins().isForeign(asked({ origin, host, ...more }));

  it.each([
    ['https://signal.example', 'signal.example'],
    ['https://signal.example', 'signal.example:443'],
    ['https://signal.example:443', 'signal.example'],
    ['https://signal.example:8443', 'signal.example:8443'],
    ['http://signal.example', 'signal.example'],
    ['http://signal.example', 'signal.example:80'],
    ['http://signal.example:3000', 'signal.example:3000'],
    ['ws://signal.example:3000', 'signal.example:3000'],
    ['wss://signal.example', 'signal.example'],
    ['HTTPS://Signal.Example', 'SIGNAL.example'],
    ['http://10.0.0.5:3000', '10.0.0.5:3000'],
    ['http://[2001:db8::1]:3000', '[2001:DB8:0::1]:3000'],
    ['http://localhost:3000', 'localhost:3000'],
  ])('is not foreign: %s at %s', (origin, host) => {
    expect(isForeign(origin, host)).toBe(false);
  });

  it.each([
    ['https://evil.example', 'signal.example'],
    ['https://signal.example.evil.example', 'signal.example'],
    ['https://signal.example@evil.example', 'signal.example'],
    ['https://evil.example@signal.example', 'signal.example'],
    ['https://signal.example/', 'signal.example'],
    ['https://signal.example?', 'signal.example'],
    ['https://signal.example#', 'signal.example'],
    ['https://signal.example\\', 'signal.example'],
    ['https://signal.example, https://evil.example', 'signal.example'],
    ['https://signal.example:8443', 'signal.example'],
    ['https://signal.example', 'signal.example:8443'],
    ['https://signal.example', 'signal.example:80'],
    ['http://signal.example', 'signal.example:443'],
    ['ftp://signal.example', 'signal.example'],
    ['file://', ''],
    ['null', 'null'],
    ['', ''],
    ['https://', ''],
    ['https://signal.example', ''],
    ['https://signal.example', undefined],
    ['https://signal.example', 'evil.example, signal.example'],
    ['https://[::1', '[::1'],
    ['https://signal.example:99999', 'signal.example:99999'],
  ])('is foreign if it names another, or nothing: %s at %s', (origin, host) => {
    expect(isForeign(origin, host)).toBe(true);
  });

  it('is foreign where the browser says that the page is from elsewhere', () => {
    const site = (value: string) =>
      isForeign('https://signal.example', 'signal.example', { 'sec-fetch-site': value });
    expect(site('same-origin')).toBe(false);
    for (const elsewhere of ['cross-site', 'same-site', 'none', '']) {
      expect(site(elsewhere)).toBe(true);
    }
  });

  it('is foreign in a browser without TLS, where any name may lead here, and a name it is', () => {
    const page = { 'accept-language': 'en' };
    expect(isForeign('http://evil.example:3000', 'evil.example:3000', page)).toBe(true);
    expect(isForeign('http://localhost.evil.example', 'localhost.evil.example', page)).toBe(true);
    expect(isForeign('http://10.0.0.5.evil.example', '10.0.0.5.evil.example', page)).toBe(true);
    expect(isForeign('http://x', 'x', { 'accept-language': '' })).toBe(true);
    expect(isForeign('http://x', 'x', { 'user-agent': 'Mozilla/5.0 (X11; …)' })).toBe(true);
    expect(isForeign('http://x', 'x', { 'user-agent': 'okhttp/4.9.2' })).toBe(false);

    expect(isForeign('https://signal.example', 'signal.example', page)).toBe(false);
    expect(isForeign('http://10.0.0.5:3000', '10.0.0.5:3000', page)).toBe(false);
    expect(isForeign('http://[::1]:3000', '[::1]:3000', page)).toBe(false);
    expect(isForeign('http://localhost:3000', 'localhost:3000', page)).toBe(false);
  });

  it('may name what a proxy was asked for, if the proxy is trusted', () => {
    const behind = (trust: string, forwarded: string, from = '10.0.0.1') =>
      origins({ TRUST_PROXY: trust }).isForeign(
        asked(
          {
            origin: 'https://signal.example',
            host: 'switchboard:3000',
            'x-forwarded-host': forwarded,
          },
          from,
        ),
      );
    expect(behind('off', 'signal.example')).toBe(true);
    expect(behind('1', 'signal.example')).toBe(false);
    expect(behind('1', 'Signal.Example:443')).toBe(false);
    expect(behind('1', 'signal.example, inner.example')).toBe(false);
    expect(behind('1', 'inner.example, signal.example')).toBe(true);
    expect(behind('1', '')).toBe(true);
    expect(behind('10.0.0.0/8', 'signal.example')).toBe(false);
    expect(behind('10.0.0.0/8', 'signal.example', '192.0.2.1')).toBe(true);
  });
});

describe('a request without an origin', () => {
  it('is foreign if a page of elsewhere made it', () => {
    const elsewhere = (site?: string, origin?: string) =>
      origins().isByTagElsewhere(asked({ 'sec-fetch-site': site, origin }));
    expect(elsewhere('cross-site')).toBe(true);
    expect(elsewhere('same-site')).toBe(true);
    expect(elsewhere('same-origin')).toBe(false);
    expect(elsewhere('none')).toBe(false); // whoever typed the address in
    expect(elsewhere()).toBe(false); // no browser
    expect(elsewhere('cross-site', LISTED)).toBe(false); // which says where it is from
  });

  it('is nobody’s business where any origin may connect', () => {
    const any = origins({ CORS_ORIGINS: '*' });
    expect(any.isByTagElsewhere(asked({ 'sec-fetch-site': 'cross-site' }))).toBe(false);
    expect(any.isForeign(asked({ origin: 'null' }))).toBe(false);
  });
});
