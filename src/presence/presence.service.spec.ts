import { setImmediate } from 'node:timers/promises';
import type { PeerMessenger } from '../delivery/peer-messenger.js';
import type { SharedText } from '../delivery/shared-text.js';
import type { ListAnswers } from './list-answers.js';
import { PresenceService } from './presence.service.js';
import { SnapshotBudget } from './snapshot-budget.js';

describe('PresenceService', () => {
  let presence: PresenceService;
  /** Who was sent which event. */
  let sent: [to: string, event: string][];

  const join = (socketId: string, tenant = '', name?: string, userId = socketId) => {
    presence.join({ socketId, userId, tenant, source: userId, name, protocol: 2 });
  };
  const peer = (socketId: string) => {
    const found = presence.find(socketId);
    if (found === undefined) throw new Error(`${socketId} is not there`);
    return found;
  };

  const watch = (socketId: string) =>
    (JSON.parse(presence.watch(socketId).text.text.slice(0, -1)) as { users: unknown[] }).users;

  beforeEach(() => {
    sent = [];
    const record = (to: string, packet: string) => {
      const [event] = JSON.parse(packet.slice(1)) as [string];
      sent.push([to, event]);
    };
    presence = new PresenceService(
      { ask: () => undefined, forget: () => undefined } as unknown as ListAnswers,
      {
        sendShared: (to: string, { text }: SharedText) => record(to, text),
      } as unknown as PeerMessenger,
      new SnapshotBudget(),
    );
    join('a');
  });
  afterEach(() => presence.onApplicationShutdown());

  it('knows a peer by the name under which it registered last', () => {
    expect(presence.nameOf('a')).toBeUndefined();
    expect(presence.register('a', 'Ana')).toBe('Ana');
    expect(presence.register('a', 'Anna')).toBe('Anna');
    expect(presence.nameOf('a')).toBe('Anna');
  });

  it('keeps the name that came with the token, whatever its client registers', () => {
    join('b', '', 'Ben');
    expect(presence.nameOf('b')).toBe('Ben');
    expect(presence.register('b', 'Boss')).toBe('Ben');
    expect(presence.nameOf('b')).toBe('Ben');
  });

  it('announces a registered peer that leaves, once', async () => {
    join('b');
    presence.register('a', 'Ana');
    presence.leave('a');
    presence.leave('a');
    await setImmediate();
    expect(presence.nameOf('a')).toBeUndefined();
    expect(sent).toEqual([
      ['b', 'userConnected'],
      ['b', 'userDisconnected'],
    ]);
  });

  it('brings nobody back who has left', () => {
    presence.leave('a');
    presence.register('a', 'Ana');
    expect(presence.nameOf('a')).toBeUndefined();
    expect(presence.registered).toBe(0);
  });

  it('knows the devices of a user', () => {
    join('b');
    join('c', '', undefined, 'b');
    const devices = () => presence.devicesFor(peer('a'), 'b').map(({ socketId }) => socketId);
    expect(devices()).toEqual(['b', 'c']);
    presence.leave('b');
    presence.leave('c');
    expect(devices()).toEqual([]);
  });

  it('says nothing of a peer that leaves without having registered', () => {
    join('b');
    presence.leave('a');
    expect(sent).toEqual([]);
  });

  it('leads from no tenant to another', () => {
    join('b', 'other', 'Ben', 'same id');
    join('c', '', 'Cem', 'same id');
    expect(presence.findFor(peer('a'), 'b')).toBeUndefined();
    expect(presence.findFor(peer('b'), 'a')).toBeUndefined();
    expect(presence.devicesFor(peer('a'), 'same id')).toEqual([peer('c')]);
    expect(presence.devicesFor(peer('b'), 'same id')).toEqual([peer('b')]);
    expect(watch('b')).toMatchObject([{ socketId: 'b' }]);
    presence.leave('c');
    expect(sent.filter(([to]) => to === 'b')).toEqual([]);
    expect(presence.registered).toBe(1);
  });

  it('knows who talks, also of those who register later', () => {
    presence.setInCall('a', true);
    presence.register('a', 'Ana');
    expect(watch('a')).toMatchObject([{ socketId: 'a', inCall: true }]);
    presence.setInCall('a', false);
    expect(watch('a')).toMatchObject([{ socketId: 'a', inCall: false }]);
  });

  it('keeps nothing of those who have left', () => {
    join('b', 'other', 'Ben');
    presence.setInCall('b', true);
    presence.watch('b');
    presence.leave('a');
    presence.leave('b');
    const held = Object.values(presence).filter((value) => 'size' in Object(value));
    expect(held).toHaveLength(3);
    for (const { size } of held as Set<unknown>[]) expect(size).toBe(0);
  });
});
