export type Device = string;
export type Payload = Record<string, unknown>;

export interface Told {
  device: Device;
  event: string;
  payload: Payload;
}

export interface ModelDevice {
  user: string;
  tutorial: boolean;
  /** Whose ring slots its calls take: its address, or with tokens its user. */
  source: string;
  name?: string;
}

type Part = 'caller' | 'rung' | 'callee' | 'lost';

export interface ModelCall {
  readonly id: string;
  readonly caller: Device;
  readonly users: readonly [string, string];
  readonly source: string;
  stage: 'ringing' | 'accepted' | 'connected' | 'over';
  readonly parts: Map<Device, Part>;
  readonly reported: Set<Device>;
  readonly offeredTo: Set<Device>;
  readonly ringUntilMs: number;
  connectUntilMs: number;
  readonly ageUntilMs: number;
}

export const RING_MS = 45_000;
const CONNECT_MS = 30_000;
export const MAX_RINGS = 4;
export const AGE_MS = 24 * 60 * 60 * 1_000;

/** Who is there, which calls they have, and what happens when a call goes on or ends. */
export class CallBook {
  readonly calls: ModelCall[] = [];
  /** Which rows of the table were used, and what came of it. */
  readonly rows = new Set<string>();
  protected readonly devices = new Map<Device, ModelDevice>();
  protected nowMs = 0;
  protected told: Told[] = [];

  get live(): ModelCall[] {
    return this.calls.filter(({ stage }) => stage !== 'over');
  }

  joins(device: Device, about: ModelDevice): void {
    this.devices.set(device, about);
  }

  leaves(device: Device): Told[] {
    this.told = [];
    for (const call of this.live) {
      if (!call.parts.has(device)) continue;
      const part = this.look('leaves', call, device);
      if (part === 'caller' || part === 'callee') this.end(call, 'disconnected', device);
      if (part === 'rung') this.stopRinging(call, device, 'disconnected');
    }
    this.devices.delete(device);
    return this.told;
  }

  /** What happens at the same moment is told in no particular order. */
  passes(ms: number): Told[] {
    this.told = [];
    const untilMs = this.nowMs + ms;
    for (;;) {
      const [next] = this.live.sort((a, b) => this.dueMs(a) - this.dueMs(b));
      if (next === undefined || this.dueMs(next) > untilMs) break;
      this.nowMs = this.dueMs(next);
      this.rows.add(`${next.stage} - time`);
      this.end(next, next.stage === 'connected' ? 'expired' : 'timeout');
    }
    this.nowMs = untilMs;
    return this.told;
  }

  protected claim(call: ModelCall, by: Device, stage: 'accepted' | 'connected'): void {
    for (const [device, part] of call.parts) {
      if (part !== 'rung' || device === by) continue;
      call.parts.set(device, 'lost');
      const reason = 'answered_elsewhere';
      this.tell(device, 'endCall', { callId: call.id, socketId: by, reason });
    }
    call.parts.set(by, 'callee');
    call.stage = stage;
    call.connectUntilMs = this.nowMs + CONNECT_MS;
    if (!this.about(call.caller).tutorial) {
      this.tell(call.caller, 'callAccepted', { callId: call.id, socketId: by });
    }
    if (this.about(by).tutorial) this.dropOthers(by, call);
  }

  /** A tutorial client has one call at a time. */
  protected dropOthers(device: Device, kept?: ModelCall): void {
    for (const call of this.occupying(device, kept)) this.end(call, 'replaced', device);
    for (const call of this.live) {
      if (call.parts.get(device) === 'rung') this.stopRinging(call, device, 'busy');
    }
  }

  protected stopRinging(call: ModelCall, device: Device, reason: string): void {
    if ([...call.parts.values()].filter((part) => part === 'rung').length === 1) {
      this.end(call, reason, device);
    } else {
      call.parts.set(device, 'lost');
    }
  }

  protected end(call: ModelCall, reason: string, by?: Device): void {
    call.stage = 'over';
    this.rows.add(`ended: ${reason}`);
    for (const [device, part] of call.parts) {
      if (part === 'lost' || device === by) continue;
      const about = by === undefined ? {} : { socketId: by };
      this.tell(device, 'endCall', { callId: call.id, reason, ...about });
    }
  }

  /** The ring at a full device that gives way to one more from there, if any does. */
  protected givesWay(device: Device, source: string): ModelCall | undefined {
    const rings = this.ringsAt(device);
    const from = (other: string) => rings.filter((call) => call.source === other).length;
    const most = Math.max(...rings.map((call) => from(call.source)));
    if (most <= from(source) + 1) return undefined;
    return rings.find((call) => from(call.source) === most);
  }

  /** In the order in which they began. */
  protected ringsAt(device: Device): ModelCall[] {
    return this.live.filter(({ parts }) => parts.get(device) === 'rung');
  }

  /** The calls other than the one in which the device calls or talks. */
  protected occupying(device: Device, except?: ModelCall): ModelCall[] {
    return this.live.filter((call) => {
      const part = call.parts.get(device);
      return call !== except && (part === 'caller' || part === 'callee');
    });
  }

  protected others(call: ModelCall, device: Device): Device[] {
    const part = call.parts.get(device);
    if (part === undefined) return [];
    if (part !== 'caller') return [call.caller];
    return [...call.parts].filter(([, other]) => /rung|callee/.test(other)).map(([id]) => id);
  }

  protected dueMs({ stage, ringUntilMs, connectUntilMs, ageUntilMs }: ModelCall): number {
    return stage === 'ringing' ? ringUntilMs : stage === 'accepted' ? connectUntilMs : ageUntilMs;
  }

  protected leftMs(call: ModelCall): number {
    return this.dueMs(call) - this.nowMs;
  }

  protected look(event: string, call: ModelCall, device: Device): Part | undefined {
    const part = call.parts.get(device);
    this.rows.add(`${call.stage} ${part ?? 'other device'} ${event}`);
    return part;
  }

  protected about(device: Device): ModelDevice {
    const about = this.devices.get(device);
    if (about === undefined) throw new Error(`${device} is not connected`);
    return about;
  }

  protected tell(device: Device, event: string, payload: Payload): void {
    this.told.push({ device, event, payload });
  }
}
