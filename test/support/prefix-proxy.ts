import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface PrefixProxy {
  /** With the prefix, and without a slash at its end. */
  readonly url: string;
  /** How many connections it has seen become WebSockets. */
  upgrades(): number;
  close(): void;
}

/**
 * A reverse proxy that has a service below a prefix, as companies have many behind one name; or
 * several nodes of it, of which `target` says who gets the next request.
 */
export async function startPrefixProxy(
  target: () => string,
  prefix: string,
  passes: (path: string) => boolean = () => true,
): Promise<PrefixProxy> {
  const sockets = new Set<Duplex>();
  const onward = ({ url = '' }: IncomingMessage): string | undefined => {
    const path = url.slice(prefix.length);
    return url.startsWith(`${prefix}/`) && passes(path) ? path : undefined;
  };

  const proxy = createServer((asked, answer) => {
    const path = onward(asked);
    if (path === undefined) return answer.writeHead(404).end('not here');
    const { method, headers } = asked;
    const passed = request(target() + path, { method, headers }, (answered) => {
      answered.pipe(answer.writeHead(answered.statusCode ?? 502, answered.headers));
    });
    passed.on('error', () => answer.destroy());
    return asked.pipe(passed);
  });
  proxy.on('upgrade', (asked, socket: Duplex) => {
    const { hostname, port } = new URL(target());
    const far = connect(Number(port), hostname);
    const { rawHeaders: raw } = asked;
    const fields = raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1] ?? ''}`] : []));
    far.write([`GET ${onward(asked) ?? '/'} HTTP/1.1`, ...fields, '', ''].join('\r\n'));
    far.pipe(socket).pipe(far);
    sockets.add(socket);
    for (const end of [far, socket])
      end.on('error', () => [far, socket].map((one) => one.destroy()));
  });

  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    upgrades: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy();
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
