import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { type TrustInProxies, trustInProxies } from '../config/trusted-proxies.js';

/** Whether a request is one of a page that `CORS_ORIGINS` does not list. What is no page may pass. */
@Injectable()
export class Origins {
  private readonly trusts: TrustInProxies;

  constructor(private readonly settings: Settings) {
    this.trusts = trustInProxies(settings);
  }

  /** By `Origin`, which browsers send with whatever a page of another origin is to read or to post. */
  isForeign(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    return !this.settings.allowsOrigin(origin) && !this.isOwn(origin ?? '', request);
  }

  /**
   * What the links and tags of a page of another origin ask for, without an `Origin`. They are
   * welcome to what anybody may have, such as the script of the stock client; no more.
   */
  isByTagElsewhere({ headers }: IncomingMessage): boolean {
    const site = headers['sec-fetch-site'];
    return (
      this.settings.cors.origin !== '*' &&
      headers.origin === undefined &&
      (site === 'cross-site' || site === 'same-site')
    );
  }

  /**
   * An origin that names the host that was asked: a page of this very server, or an app that is no
   * page at all, whose WebSocket library makes an `Origin` up from the address that it was given.
   */
  private isOwn(origin: string, request: IncomingMessage): boolean {
    const page = hostIn(origin);
    if (page === undefined) return false;
    const asked = `${page.protocol}//${this.hostAsked(request) ?? ''}`;
    if (!URL.canParse(asked) || new URL(asked).host !== page.host) return false;
    const { headers } = request;
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin') return false;
    return isVouchedFor(page) || !isOfBrowser(headers);
  }

  private hostAsked({ headers, socket }: IncomingMessage): string | undefined {
    const forwarded = headers['x-forwarded-host'];
    return typeof forwarded === 'string' && this.trusts(socket.remoteAddress ?? '', 0)
      ? forwarded.split(',')[0]?.trim() // by the proxy that the client asked, if there are more
      : headers.host;
  }
}

/** Some libraries write `ws:` and `wss:`, as no browser does. */
function hostIn(origin: string): URL | undefined {
  const isHostAlone = /^(?:https?|wss?):\/\/[^/?#\\@\s]+$/i.test(origin);
  return isHostAlone && URL.canParse(origin) ? new URL(origin) : undefined;
}

/**
 * Anybody can have a name of his own lead to this server, and without TLS his pages are then pages
 * of the host that they ask (DNS rebinding). No name leads to another's address written in figures.
 */
function isVouchedFor({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'https:' ||
    protocol === 'wss:' ||
    hostname === 'localhost' ||
    isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  );
}

/**
 * Every browser calls itself Mozilla. In some a page may change that for what it posts, but for no
 * WebSocket, and not that the languages of its user go with each request.
 */
function isOfBrowser(headers: IncomingHttpHeaders): boolean {
  return (
    headers['accept-language'] !== undefined || /^Mozilla\//i.test(headers['user-agent'] ?? '')
  );
}
