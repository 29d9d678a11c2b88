import type { OutgoingHttpHeaders } from 'node:http';
import { type HttpAnswer, http } from './http.js';

const SEPARATOR = '\x1e';

/** A long-polling client that polls and posts only when told to. */
export class RawPolling {
  private constructor(
    private readonly url: string,
    readonly sid: string,
  ) {}

  /** The Engine.IO handshake alone. */
  static async open(url: string): Promise<RawPolling> {
    const endpoint = `${url}/socket.io/?EIO=4&transport=polling`;
    const { body } = await http(endpoint);
    const { sid } = JSON.parse(body.slice(1)) as { sid: string };
    return new RawPolling(`${endpoint}&sid=${sid}`, sid);
  }

  /** With the Socket.IO handshake; resolves with the client and its socket id. */
  static async connect(url: string): Promise<{ polling: RawPolling; id: string }> {
    const polling = await RawPolling.open(url);
    await polling.say('40');
    const [hello = ''] = await polling.hear();
    const { sid } = JSON.parse(hello.slice(2)) as { sid: string };
    return { polling, id: sid };
  }

  /** For who asks without this client. */
  get path(): string {
    const { pathname, search } = new URL(this.url);
    return pathname + search;
  }

  /** Any Engine.IO packets, in one payload. */
  say(...packets: string[]): Promise<HttpAnswer> {
    return this.post(packets.join(SEPARATOR));
  }

  post(body: string, headers: OutgoingHttpHeaders = {}): Promise<HttpAnswer> {
    return http(this.url, { method: 'POST', body, headers });
  }

  /** One poll; resolves with the Engine.IO packets, or with none if the session is gone. */
  async hear(): Promise<string[]> {
    const { status, body } = await this.poll();
    return status === 200 ? body.split(SEPARATOR) : [];
  }

  /** Polls as long as there is a session, as an honest client would; resolves with what it heard. */
  async hearToTheEnd(): Promise<string[]> {
    const heard: string[] = [];
    for (;;) {
      const packets = await this.hear().catch(() => []); // hung up on
      if (packets.length === 0) return heard;
      heard.push(...packets);
    }
  }

  poll(): Promise<HttpAnswer> {
    return http(this.url);
  }
}
