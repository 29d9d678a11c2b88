import { Injectable } from '@nestjs/common';
import { type Call, type CallState, counterparts, isParty, isRung, participants } from './call.js';

const NONE: ReadonlySet<Call> = new Set();

/** The live calls: by id, by pair of users, and by each device that has to do with them. */
@Injectable()
export class CallRegistry {
  private readonly byId = new Map<string, Call>();
  private readonly byPair = new Map<string, Call>();
  private readonly byDevice = new Map<string, Set<Call>>();

  get size(): number {
    return this.byId.size;
  }

  countByPhase(): Map<CallState['phase'], number> {
    const counts = new Map<CallState['phase'], number>([
      ['ringing', 0],
      ['accepted', 0],
      ['connected', 0],
    ]);
    for (const { state } of this.byId.values()) {
      counts.set(state.phase, (counts.get(state.phase) ?? 0) + 1);
    }
    return counts;
  }

  add(call: Call): void {
    this.byId.set(call.id, call);
    this.byPair.set(pairOf(call.tenant, call.callerUserId, call.calleeUserId), call);
    for (const device of participants(call.state)) {
      const calls = this.byDevice.get(device);
      if (calls === undefined) this.byDevice.set(device, new Set([call]));
      else calls.add(call);
    }
  }

  remove(call: Call): void {
    this.byId.delete(call.id);
    this.byPair.delete(pairOf(call.tenant, call.callerUserId, call.calleeUserId));
    for (const device of [...participants(call.state), ...call.state.lost]) {
      this.forget(device, call);
    }
  }

  /** The device is gone, or has nothing to do with the call any more. */
  forget(device: string, call: Call): void {
    const calls = this.byDevice.get(device);
    calls?.delete(call);
    if (calls?.size === 0) this.byDevice.delete(device);
  }

  /** At most one call is live between two users of a tenant. */
  between(tenant: string, user: string, other: string): Call | undefined {
    return this.byPair.get(pairOf(tenant, user, other));
  }

  /** The calls in which the device is caller, rung, callee, or was rung and lost. */
  of(device: string): ReadonlySet<Call> {
    return this.byDevice.get(device) ?? NONE;
  }

  /** Undefined for a call that ended, never was, or is not the device's own: nobody can tell which. */
  find(callId: string, device: string): Call | undefined {
    const call = this.byId.get(callId);
    return call !== undefined && this.of(device).has(call) ? call : undefined;
  }

  /** The call in which a message from one device is for the other. */
  linking(from: string, to: string): Call | undefined {
    for (const call of this.of(from)) {
      if (counterparts(call.state, from).includes(to)) return call;
    }
    return undefined;
  }

  /** How many calls ring the device, and how many it makes or takes part in, but for one. */
  loadOf(device: string, except?: Call): { rings: number; others: number } {
    let rings = 0;
    let others = 0;
    for (const call of this.of(device)) {
      const { state } = call;
      if (call === except) continue;
      if (isRung(state, device)) rings += 1;
      else if (isParty(state, device)) others += 1;
    }
    return { rings, others };
  }

  /**
   * The ring that gives way to one more from this source: the oldest of the source that has the most
   * at the device, if it has more than the newcomer would then have. So nobody's only ring ever gives
   * way, each step makes the shares more even, and the steps come to an end.
   */
  ringToDisplace(device: string, source: string): Call | undefined {
    const bySource = new Map<string, Call[]>();
    for (const call of this.of(device)) {
      if (!isRung(call.state, device)) continue;
      const rings = bySource.get(call.callerSource);
      if (rings === undefined) bySource.set(call.callerSource, [call]);
      else rings.push(call);
    }
    const [oldest, ...others] = [...bySource.values()].reduce(
      (most, rings) => (rings.length > most.length ? rings : most),
      [],
    );
    return others.length > (bySource.get(source)?.length ?? 0) ? oldest : undefined;
  }

  /** In a call that was answered. */
  isTalking(device: string): boolean {
    for (const { state } of this.of(device)) {
      if (state.phase !== 'ringing' && isParty(state, device)) return true;
    }
    return false;
  }

  isEngaged(device: string): boolean {
    for (const { state } of this.of(device)) if (participants(state).includes(device)) return true;
    return false;
  }
}

// Ids are free text: no separator is safe to join them with.
function pairOf(tenant: string, user: string, other: string): string {
  return JSON.stringify(user < other ? [tenant, user, other] : [tenant, other, user]);
}
