import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ExpressAdapter } from '@nestjs/platform-express';
import type { Request, Response } from 'express';

/** The builds of the stock client that pages load from a Socket.IO server. */
const NAMES = ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js'];
/** Where a browser would ask for the source; that is on the net, and not here. */
const SOURCE_MAP = /\n?\/\/# sourceMappingURL=.*\s*$/;

/**
 * Serves the stock client from memory, packed once: Socket.IO itself reads and packs it anew for
 * everybody who asks, which costs more than anything else that a stranger can ask for.
 */
export function serveClientScripts(http: ExpressAdapter): void {
  const files = join(
    dirname(createRequire(import.meta.url).resolve('socket.io')),
    '../client-dist',
  );
  for (const name of NAMES) {
    const script = Buffer.from(readFileSync(join(files, name), 'utf8').replace(SOURCE_MAP, '\n'));
    const packed = gzipSync(script);
    const etag = `"${createHash('sha256').update(script).digest('base64url')}"`;
    http.get(`/socket.io/${name}`, (request: Request, response: Response) => {
      response.set({
        'Content-Type': 'application/javascript; charset=utf-8',
        'Cache-Control': 'public, max-age=0',
        'Cross-Origin-Resource-Policy': 'cross-origin',
        ETag: etag,
        Vary: 'Accept-Encoding',
      });
      if (request.fresh) {
        response.status(304).end();
      } else if (request.acceptsEncodings('gzip') === 'gzip') {
        response.set('Content-Encoding', 'gzip').end(packed);
      } else {
        response.end(script);
      }
    });
  }
}
