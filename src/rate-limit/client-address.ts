import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import proxyAddr from 'proxy-addr';
import { Settings } from '../config/settings.js';

/** Whom a request comes from, believing `X-Forwarded-For` only as far as `TRUST_PROXY` says. */
@Injectable()
export class ClientAddress {
  private readonly trusts: (address: string, hop: number) => boolean;

  constructor({ TRUST_PROXY }: Settings) {
    this.trusts =
      typeof TRUST_PROXY === 'number'
        ? (_, hop) => hop < TRUST_PROXY
        : proxyAddr.compile([...TRUST_PROXY]);
  }

  /** An IPv4 address, or the /64 of an IPv6 one: a household has that many addresses to itself. */
  of(request: IncomingMessage): string {
    const address = proxyAddr(request, this.trusts) as string | undefined;
    if (address === undefined) return 'unknown'; // the socket is gone already
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return isIPv6(plain) ? networkOf(plain) : plain;
  }
}

function networkOf(address: string): string {
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  const groups = address.includes('::') ? [...front, ...zeros, ...back] : front;
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
