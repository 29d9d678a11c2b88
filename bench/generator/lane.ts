import { isDeepStrictEqual } from 'node:util';
import type { Payload } from './frames.js';
import { type Description, candidate, description } from './messages.js';
import type { Peer } from './peer.js';

const CANDIDATES = 10;
/** Others are about who is online, and not what a lane is for. */
const SIGNALS = new Set(['offer', 'answer', 'candidate']);

interface Message {
  readonly event: string;
  readonly content: object;
  readonly frame: Buffer;
  /** Known once it was delivered and compared with what was sent. */
  deliveredLength?: number;
}

/**
 * One way between two peers: a description and ten candidates, again and again. Each is encoded
 * once. What arrives must be the next of them: in full the first time, by name and length later.
 */
export class Lane {
  /** How many of this cycle have been delivered; 0 also after its last. */
  position = 0;
  onDelivered: () => void = () => undefined;
  private readonly messages: Message[];
  private readonly candidates: Buffer;
  private toSend = 0;

  constructor(
    private readonly from: Peer,
    private readonly to: Peer,
    type: Description,
  ) {
    const contents = [
      { event: type, content: { sdp: description(type) } },
      ...Array.from({ length: CANDIDATES }, (_, number) => ({
        event: 'candidate',
        content: { candidate: candidate(number) },
      })),
    ];
    this.messages = contents.map(({ event, content }) => ({
      event,
      content,
      frame: from.encode(event, to.id, content),
    }));
    this.candidates = Buffer.concat(this.messages.slice(1).map(({ frame }) => frame));
    to.listener = (event, payload) => {
      if (SIGNALS.has(event)) this.receive(event, payload);
    };
  }

  get inFlight(): number {
    return (this.toSend - this.position + this.messages.length) % this.messages.length;
  }

  sendNext(): void {
    const message = this.messages[this.toSend];
    if (message !== undefined) this.from.send(message.frame);
    this.toSend = (this.toSend + 1) % this.messages.length;
  }

  /** All candidates in one write, after the description. */
  sendCandidates(): void {
    this.from.send(this.candidates);
    this.toSend = 0;
  }

  private receive(event: string, payload: Payload): void {
    const message = this.messages[this.position];
    if (message?.event !== event) return this.to.fail(`${event} came out of turn`);
    message.deliveredLength ??= this.verified(message, payload);
    if (message.deliveredLength !== payload.length) this.to.fail(`${event} has changed`);
    this.position = (this.position + 1) % this.messages.length;
    this.onDelivered();
  }

  private verified({ event, content }: Message, payload: Payload): number {
    const relayed = this.to.contentOf(payload.text());
    if (!isDeepStrictEqual(relayed, content)) this.to.fail(`${event} is not what was sent`);
    return payload.length;
  }
}
