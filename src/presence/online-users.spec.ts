import { OnlineUsers } from './online-users.js';

describe('OnlineUsers', () => {
  let users: OnlineUsers;
  const listed = () => JSON.parse(users.asEvent().slice(1)) as unknown;

  beforeEach(() => {
    users = new OnlineUsers();
  });

  it('is, as an event, the names by socket id', () => {
    expect(listed()).toEqual(['onlineUsers', {}]);
    users.set('a', 'Ana');
    users.set('b', 'Ana');
    expect(listed()).toEqual(['onlineUsers', { a: 'Ana', b: 'Ana' }]);
  });

  it('is up to date after every change', () => {
    users.set('a', 'Ana');
    expect(listed()).toEqual(['onlineUsers', { a: 'Ana' }]);
    users.set('a', 'Anna');
    expect(listed()).toEqual(['onlineUsers', { a: 'Anna' }]);
    users.delete('a');
    expect(listed()).toEqual(['onlineUsers', {}]);
  });

  it('is encoded once per change, however often it is asked for', () => {
    users.set('a', 'Ana');
    const encode = JSON.stringify;
    let encoded = 0;
    JSON.stringify = ((value: unknown) => ((encoded += 1), encode(value))) as typeof encode;
    try {
      for (let i = 0; i < 100; i += 1) users.asEvent();
      users.delete('nobody'); // changes nothing
      users.asEvent();
    } finally {
      JSON.stringify = encode;
    }
    expect(encoded).toBe(1);
  });

  it('knows the names of those who registered, and of nobody else', () => {
    users.set('a', 'Ana');
    expect(users.nameOf('a')).toBe('Ana');
    for (const id of ['b', '', '__proto__', 'constructor', 'toString']) {
      expect(users.nameOf(id)).toBeUndefined();
    }
  });

  it('says whether whoever leaves had been there', () => {
    users.set('a', 'Ana');
    expect(users.delete('a')).toBe(true);
    expect(users.delete('a')).toBe(false);
    expect(users.delete('__proto__')).toBe(false);
  });

  it('carries any name', () => {
    for (const name of ['__proto__', '"', '\\', 'ünï 🎥', '\u2028']) {
      users.set('a', name);
      expect(listed()).toEqual(['onlineUsers', { a: name }]);
    }
  });
});
