import { runInThisContext } from 'node:vm';
import { SignJWT } from 'jose';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { OnlinePeer } from '../../src/protocol/events.js';
import { startApp } from '../support/app.js';
import { codeBelow, type PageName } from '../support/copied-code.js';
import { eventually } from '../support/eventually.js';
import { Newcomer } from '../support/newcomer.js';
import { Peer, TRANSPORTS } from '../support/peer.js';
import { inSeconds, SECRET, tokenWith, WITH_TOKENS } from '../support/tokens.js';

/** What stands below a heading, as a function of what it takes for given. */
function example(
  page: PageName,
  heading: string,
  given: string,
  result = 'undefined',
): (...given: unknown[]) => unknown {
  const code = codeBelow(page, heading)?.replace(/^import .*|^export /gm, '') ?? '';
  const source = `(${given}) => {\n${code}\nreturn ${result};\n}`;
  return runInThisContext(source) as (...given: unknown[]) => unknown;
}

/** For an example that connects: its socket, and who the server takes it for. */
async function connection(
  connect: (opens: typeof io) => unknown,
): Promise<{ socket: Socket; userId: string; protocol: number }> {
  let socket: Socket | undefined;
  const welcome = new Promise<{ userId: string; protocol: number }>((resolve) => {
    connect(((url: string, options: Partial<ManagerOptions & SocketOptions>) => {
      socket = io(url, { ...options, forceNew: true });
      socket.once('welcome', resolve);
      return socket;
    }) as typeof io);
  });
  const { userId, protocol } = await welcome;
  return { socket: socket as unknown as Socket, userId, protocol };
}

it('the example of a version is a client of it', async () => {
  const server = await startApp();
  const connect = example('docs/protocol.md', '2. Versions', 'io, url');
  const { socket, protocol } = await connection((opens) => connect(opens, server.url));
  expect(protocol).toBe(2);
  socket.disconnect();
  await server.close();
});

it.each(TRANSPORTS)('the example of a callback knows over %s which call rings', async (name) => {
  const server = await startApp();
  const options = { auth: { protocol: 2 }, transports: [name] };
  const ana = await Peer.connect(server.url, options);
  const ben = await Peer.connect(server.url, options);
  ben.socket.on('call', ({ callId }) => ben.socket.emit('ringing', { callId }));
  const call = example('docs/protocol.md', 'Callbacks, not promises', 'socket, toUser, console');
  let rings = 0;
  const log = () => (rings += 1);
  for (let round = 1; round <= 10; round += 1) {
    call(ana.socket, ben.id, { log });
    await eventually(() => expect(rings).toBe(round));
    ana.socket.off('ringing');
    await ana.ask('endCall', { to: ben.id });
  }
  await Promise.all([ana.close(), ben.close()]);
  await server.close();
});

it('the example of watching keeps up with who is online', async () => {
  const server = await startApp();
  const ben = Peer.connecting(server.url, { auth: { protocol: 2 } });
  const watch = example('docs/protocol.md', 'Watching', 'socket', 'users') as (
    socket: Socket,
  ) => Map<string, OnlinePeer>;
  const users = watch(ben.socket);
  const names = () => [...users.values()].map(({ name }) => name).sort();

  const ana = await Peer.connect(server.url);
  await ana.ask('register', 'Ana');
  await ben.ask('register', 'Ben');
  await eventually(() => expect(names()).toEqual(['Ana', 'Ben']));
  await ana.ask('register', 'Anna');
  await eventually(() => expect(names()).toEqual(['Anna', 'Ben']));
  await ana.close();
  await eventually(() => expect(names()).toEqual(['Ben']));
  await ben.close();
  await server.close();
});

describe('with tokens', () => {
  it('the example that connects with one is let in, or hears why not', async () => {
    const server = await startApp(WITH_TOKENS);
    const connect = example('README.md', 'With authentication', 'io, token, console');
    const here = (opens: typeof io) => (_: string, options: object) => opens(server.url, options);
    const { socket, userId } = await connection((opens) => {
      void tokenWith({ sub: 'ana' }).then((token) => connect(here(opens), token, console));
    });
    expect(userId).toBe('ana');
    socket.disconnect();

    const why: unknown[] = [];
    connect(here(io), 'no token', { log: (words: unknown) => why.push(words) });
    await eventually(() => {
      expect(why).toEqual([{ code: 'unauthorized', message: 'the token is not a JSON Web Token' }]);
    });
    await server.close();
  });

  it('the example that asks for one whenever it connects is let in', async () => {
    const server = await startApp(WITH_TOKENS);
    const connect = example('docs/security.md', 'Authentication', 'io, url, getToken');
    const getToken = () => tokenWith({ sub: 'ana' });
    const { socket, userId } = await connection((opens) => connect(opens, server.url, getToken));
    expect(userId).toBe('ana');
    socket.disconnect();
    await server.close();
  });

  it('the example of a backend makes one that lets in', async () => {
    const server = await startApp(WITH_TOKENS);
    const make = example(
      'docs/security.md',
      'Tokens from your own backend',
      'SignJWT, process',
      'tokenFor',
    );
    const env = { AUTH_JWT_SECRET: SECRET };
    const tokenFor = make(SignJWT, { env }) as (user: object) => Promise<string>;
    const token = await tokenFor({ id: 'ana', displayName: 'Ana', companyId: 'acme' });
    expect(await Newcomer.tries(server.url, token)).toEqual({ userId: 'ana' });
    await server.close();
  });

  it('the example of renewing one stays for as long as it gets new ones, and comes back', async () => {
    const server = await startApp(WITH_TOKENS);
    const warnings: string[] = [];
    const tokens = [
      tokenWith({ exp: inSeconds(3) }),
      tokenWith({ exp: inSeconds(4) }), // renews the first one, and is about to end, too
      'no token',
      tokenWith(),
    ];
    const connect = example(
      'docs/protocol.md',
      '8. Tokens, users and tenants',
      'io, url, getToken, console',
      'socket',
    );
    const socket = connect(io, server.url, () => tokens.shift(), {
      warn: (warning: string) => warnings.push(warning),
    }) as Socket;
    const connections: (string | undefined)[] = [];
    socket.on('connect', () => connections.push(socket.id));

    await eventually(() => expect(connections).toHaveLength(2), 10_000);
    expect(warnings).toEqual(['the token is not a JSON Web Token']);
    expect(tokens).toEqual([]);
    socket.disconnect();
    await server.close();
  });
});
