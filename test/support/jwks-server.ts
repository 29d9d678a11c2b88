import { once } from 'node:events';
import {
  createServer,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK } from 'jose';
import type { Signer } from './tokens.js';

const HEADERS = { 'Content-Type': 'application/json' };
const ENDLESS = Buffer.alloc(64 * 1024, ' ');

/** A key server, as an identity provider runs one, that can be made to misbehave. */
export class JwksServer {
  /** How often it was asked. */
  fetches = 0;
  /** How much it sent of an answer without end. */
  sentBytes = 0;
  private keys: JWK[] = [];
  private server: Server | undefined;
  private port = 0;
  private readonly waiting: Parameters<RequestListener>[] = [];
  private answer: RequestListener = this.keySet;

  static async start(...signers: Signer[]): Promise<JwksServer> {
    const jwks = new JwksServer();
    await jwks.publish(...signers);
    await jwks.comeBack();
    return jwks;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/jwks.json`;
  }

  /** From now on these keys and no others. */
  async publish(...signers: Signer[]): Promise<void> {
    this.keys = await Promise.all(
      signers.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid })),
    );
  }

  /** Nobody is at the port any more. */
  async goAway(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  /** At the same address, and as it should be; whoever still waits is answered. */
  async comeBack(): Promise<void> {
    this.answer = this.keySet;
    for (const [request, response] of this.waiting.splice(0)) this.keySet(request, response);
    if (this.server !== undefined) return;
    const server = createServer((request, response) => {
      this.fetches += 1;
      this.answer(request, response);
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Takes every request and answers none, until it comes back. */
  hang(): void {
    this.answer = (...exchange) => this.waiting.push(exchange);
  }

  answerWith(status: number, body: string | Buffer, headers: OutgoingHttpHeaders = {}): void {
    this.answer = (_, response) => response.writeHead(status, { ...HEADERS, ...headers }).end(body);
  }

  /** Goes on sending until it is hung up on. */
  answerWithoutEnd(): void {
    this.answer = (_, response) => {
      const more = (): void => {
        do this.sentBytes += ENDLESS.length;
        while (response.write(ENDLESS) && !response.destroyed);
      };
      response.writeHead(200, HEADERS).on('drain', more);
      more();
    };
  }

  private get keySet(): RequestListener {
    return (_, response) =>
      response.writeHead(200, HEADERS).end(JSON.stringify({ keys: this.keys }));
  }
}
