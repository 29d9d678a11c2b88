import { type Payload, textFrame } from './frames.js';
import { Peer, type Target } from './peer.js';

/** The type stands behind `{"type":"`. */
const TYPE_AT = 9;

/** What servers/bare-ws.ts speaks. */
export class BareWsPeer extends Peer {
  constructor(target: Target) {
    super(target, '/');
  }

  override encode(type: string, to: string, content?: object): Buffer {
    return textFrame(JSON.stringify({ type, to, content }));
  }

  override contentOf(text: string): unknown {
    return (JSON.parse(text) as { content: unknown }).content;
  }

  override async ring(callee: Peer): Promise<void> {
    const rung = callee.next('call');
    this.send(this.encode('call', callee.id));
    await rung;
  }

  protected override onText(payload: Payload): void {
    const type = payload.word(TYPE_AT);
    if (type === 'welcome') this.identified((JSON.parse(payload.text()) as { id: string }).id);
    else this.heard(type, payload);
  }
}
