import type { PeerMessenger } from '../delivery/peer-messenger.js';
import type { ArrivalHints } from './arrival-hints.js';
import type { ListAnswers } from './list-answers.js';
import { OnlineUsers } from './online-users.js';
import { PeerDirectory } from './peer-directory.js';
import { PresenceService } from './presence.service.js';

describe('PresenceService', () => {
  let presence: PresenceService;
  let happened: unknown[][];

  /** Something of which only these methods are called. */
  const recording = (...methods: string[]): unknown =>
    Object.fromEntries(
      methods.map((name) => [name, (...args: unknown[]) => happened.push([name, ...args])]),
    );

  beforeEach(() => {
    happened = [];
    presence = new PresenceService(
      new PeerDirectory(),
      new OnlineUsers(),
      recording('arrived', 'forget') as ArrivalHints,
      recording('ask', 'forget') as ListAnswers,
      recording('announce') as PeerMessenger,
    );
    presence.join({ socketId: 'a', userId: 'ana', protocol: 1 });
  });

  it('knows a peer by the name under which it registered last', () => {
    expect(presence.nameOf('a')).toBeUndefined();
    presence.register('a', 'Ana');
    presence.register('a', 'Anna');
    expect(presence.nameOf('a')).toBe('Anna');
    expect(happened).toEqual([
      ['arrived', 'a'],
      ['arrived', 'a'],
    ]);
  });

  it('announces a registered peer that leaves, once', () => {
    presence.register('a', 'Ana');
    presence.leave('a');
    presence.leave('a');
    expect(presence.nameOf('a')).toBeUndefined();
    expect(happened.filter(([what]) => what === 'announce')).toEqual([
      ['announce', 'userDisconnected', ['a']],
    ]);
  });

  it('brings nobody back who has left', () => {
    presence.leave('a');
    presence.register('a', 'Ana');
    expect(presence.nameOf('a')).toBeUndefined();
    expect(presence.registered).toBe(0);
  });

  it('knows the devices of a user', () => {
    presence.join({ socketId: 'b', userId: 'ana', protocol: 2 });
    expect(presence.devicesOf('ana').map(({ socketId }) => socketId)).toEqual(['a', 'b']);
    presence.leave('a');
    presence.leave('b');
    expect(presence.devicesOf('ana')).toEqual([]);
  });

  it('says nothing of a peer that leaves without having registered', () => {
    presence.sendOnlineUsers('a');
    presence.leave('a');
    expect(happened).toEqual([
      ['ask', 'a'],
      ['forget', 'a'],
      ['forget', 'a'],
    ]);
  });
});
