import { encodeShared } from '../delivery/encoded-event.js';
import { inSlices, PACKETS_PER_SLICE } from '../delivery/in-slices.js';
import type { PeerMessenger } from '../delivery/peer-messenger.js';
import type { SharedText } from '../delivery/shared-text.js';
import type { ServerEvents } from '../protocol/events.js';

interface Announcement {
  readonly packet: SharedText;
  readonly exceptId: string | undefined;
}

/** What an audience hears together, in order; what is relayed to one of them overtakes it. */
export class Announcements {
  private waiting: Announcement[] = [];
  private announcing = false;

  /** `audience` is asked anew for every flush, and `listens` for every one of its peers. */
  constructor(
    private readonly messenger: PeerMessenger,
    private readonly audience: () => Iterable<string>,
    private readonly listens: (id: string) => boolean,
  ) {}

  announce<E extends 'userConnected' | 'userDisconnected'>(
    event: E,
    args: Parameters<ServerEvents[E]>,
    exceptId?: string,
  ): void {
    this.waiting.push({ packet: encodeShared(event, ...args), exceptId });
    if (!this.announcing) void this.flush();
  }

  private async flush(): Promise<void> {
    this.announcing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      const tell = (id: string): void => {
        if (!this.listens(id)) return;
        for (const { packet, exceptId } of batch) {
          if (id !== exceptId) this.messenger.sendShared(id, packet);
        }
      };
      await inSlices(this.audience(), tell, Math.ceil(PACKETS_PER_SLICE / batch.length));
    }
    this.announcing = false;
  }
}
