import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { io, type Socket } from 'socket.io-client';
import type { OnlinePeer } from '../../src/protocol/events.js';
import { startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { inSeconds, SECRET, tokenWith } from '../support/tokens.js';

const PAGE = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

/** The example below a heading of docs/protocol.md, as a function of what it takes for given. */
function example(heading: string, given: string, result: string): (...given: unknown[]) => unknown {
  const [, section = ''] = PAGE.split(new RegExp(`^#+ ${heading}$`, 'm'));
  const [, code = ''] = /```js\n(.*?)```/s.exec(section) ?? [];
  const source = `(${given}) => {\n${code}\nreturn ${result};\n}`;
  return runInThisContext(source) as (...given: unknown[]) => unknown;
}

it('the example of watching keeps up with who is online', async () => {
  const server = await startApp();
  const ben = Peer.connecting(server.url, { auth: { protocol: 2 } });
  const watch = example('Watching', 'socket', 'users') as (
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

it('the example of a token stays for as long as it gets new ones, and comes back', async () => {
  const server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET });
  const warnings: string[] = [];
  const tokens = [
    tokenWith({ exp: inSeconds(3) }),
    tokenWith({ exp: inSeconds(4) }), // renews the first one, and is about to end, too
    'no token',
    tokenWith(),
  ];
  const connect = example('8. Tokens, users and tenants', 'io, url, getToken, console', 'socket');
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
