import { fileURLToPath } from 'node:url';
import type { ExpressAdapter } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';

const FILES = fileURLToPath(new URL('./public', import.meta.url));

/** Serves the demo page, also behind a reverse proxy that has taken a prefix off the path. */
export function serveDemo(http: ExpressAdapter): void {
  // What the page needs is beside it, so its address has to end in a slash. Where it is, seen from
  // outside, only the browser knows: the redirect is relative.
  http.use('/demo', ({ originalUrl }: Request, response: Response, next: NextFunction) => {
    const bare = /^\/demo(?<query>\?.*)?$/.exec(originalUrl);
    if (bare) response.redirect(301, `demo/${bare.groups?.query ?? ''}`);
    else next();
  });
  http.useStaticAssets(FILES, { prefix: '/demo/' });
}
