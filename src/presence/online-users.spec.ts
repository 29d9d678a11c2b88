import { OnlineUsers } from './online-users.js';

describe('OnlineUsers', () => {
  let users: OnlineUsers;
  const set = (socketId: string, name: string, inCall = false) =>
    users.set({ socketId, userId: socketId, name, inCall });
  const listed = () => JSON.parse(users.asEvent().text.slice(1)) as unknown;

  beforeEach(() => {
    users = new OnlineUsers();
  });

  it('is, as an event, the names by socket id', () => {
    expect(listed()).toEqual(['onlineUsers', {}]);
    set('a', 'Ana');
    set('b', 'Ana');
    expect(listed()).toEqual(['onlineUsers', { a: 'Ana', b: 'Ana' }]);
  });

  it('is up to date after every change', () => {
    set('a', 'Ana');
    expect(listed()).toEqual(['onlineUsers', { a: 'Ana' }]);
    set('a', 'Anna');
    expect(listed()).toEqual(['onlineUsers', { a: 'Anna' }]);
    users.delete('a');
    expect(listed()).toEqual(['onlineUsers', {}]);
  });

  it('is encoded once per change, however often it is asked for', () => {
    set('a', 'Ana');
    const encode = JSON.stringify;
    let encoded = 0;
    JSON.stringify = ((value: unknown) => ((encoded += 1), encode(value))) as typeof encode;
    try {
      for (let i = 0; i < 100; i += 1) users.asEvent();
      users.delete('nobody'); // changes nothing that is on the list
      set('a', 'Ana', true);
      users.asEvent();
    } finally {
      JSON.stringify = encode;
    }
    expect(encoded).toBe(1);
  });

  it('knows those who registered, and of nobody else', () => {
    set('a', 'Ana');
    expect(users.find('a')?.name).toBe('Ana');
    for (const id of ['b', '', '__proto__', 'constructor', 'toString']) {
      expect(users.find(id)).toBeUndefined();
    }
  });

  it('carries any name', () => {
    for (const name of ['__proto__', '"', '\\', 'ünï 🎥', '\u2028']) {
      set('a', name);
      expect(listed()).toEqual(['onlineUsers', { a: name }]);
    }
  });
});
