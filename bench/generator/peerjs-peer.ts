import { randomUUID } from 'node:crypto';
import { type Payload, textFrame } from './frames.js';
import { Peer, type Target } from './peer.js';

const TYPES: Partial<Record<string, string>> = {
  offer: 'OFFER',
  answer: 'ANSWER',
  candidate: 'CANDIDATE',
};
const EVENTS: Partial<Record<string, string>> = {
  OFFER: 'offer',
  ANSWER: 'answer',
  CANDIDATE: 'candidate',
};
/** The type stands behind `{"type":"`. */
const TYPE_AT = 9;

/** PeerJS's own protocol: clients choose their ids, and a call begins with the offer. */
export class PeerJsPeer extends Peer {
  private readonly ownId: string;

  constructor(target: Target) {
    const id = randomUUID();
    super(target, `/peerjs?key=peerjs&id=${id}&token=${id.slice(0, 8)}`);
    this.ownId = id;
  }

  override encode(event: string, to: string, content?: object): Buffer {
    return textFrame(JSON.stringify({ type: TYPES[event], payload: content, dst: to }));
  }

  override contentOf(text: string): unknown {
    return (JSON.parse(text) as { payload: unknown }).payload;
  }

  override async ring(): Promise<void> {
    // there is nothing before the offer
  }

  protected override onText(payload: Payload): void {
    const type = payload.word(TYPE_AT);
    const event = EVENTS[type];
    if (event !== undefined) this.heard(event, payload);
    else if (type === 'OPEN') this.identified(this.ownId);
    else this.fail(`unexpected: ${payload.text()}`);
  }
}
