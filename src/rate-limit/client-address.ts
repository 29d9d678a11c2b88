import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import proxyAddr from 'proxy-addr';
import { Settings } from '../config/settings.js';
import { type TrustInProxies, trustInProxies } from '../config/trusted-proxies.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Whom a request comes from, believing `X-Forwarded-For` only as far as `TRUST_PROXY` says. */
@Injectable()
export class ClientAddress {
  private readonly trusts: TrustInProxies;

  constructor(settings: Settings) {
    this.trusts = trustInProxies(settings);
  }

  /** An IPv4 address, or the /64 of an IPv6 one: a household has that many addresses to itself. */
  of(request: IncomingMessage): string {
    const [socket, ...forwarded] = proxyAddr.all(request) as [string | undefined, ...string[]];
    let address = addressIn(socket ?? '');
    for (const [hop, text] of forwarded.entries()) {
      if (!this.trusts(address?.toString() ?? '', hop)) break;
      const next = addressIn(text);
      if (next === undefined) break; // what is no address counts as the proxy that passed it on
      address = next;
    }
    if (address === undefined) return 'unknown'; // the socket is gone already
    return address.kind() === 'ipv6' ? networkOf(address as ipaddr.IPv6) : address.toString();
  }
}

/**
 * The address alone, however it is written: some proxies add the port from which the client came,
 * another with every connection (`192.0.2.1:50001`, `[2001:db8::1]:50001`).
 */
function addressIn(text: string): Address | undefined {
  const bare = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(text.trim());
  const [address = ''] = (bare?.[1] ?? bare?.[2] ?? text.trim()).split('%'); // the zone
  // ipaddr.js itself would also take `1` and `0x7f.1`, which no proxy writes; and it does not know
  // `64:ff9b::192.0.2.1`, which a URL writes in hexadecimal.
  if (isIPv4(address)) return ipaddr.IPv4.parse(address);
  if (!isIPv6(address)) return undefined;
  return ipaddr.process(new URL(`http://[${address}]`).hostname.slice(1, -1));
}

function networkOf({ parts }: ipaddr.IPv6): string {
  const groups = parts.slice(0, 4).map((part) => part.toString(16));
  return `${groups.join(':')}::/64`;
}
