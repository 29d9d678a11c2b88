import type { RunningApp } from '../app.js';

/** How many TCP connections the service has, whatever they are used for. */
export function openConnections({ app }: RunningApp): Promise<number> {
  return new Promise((resolve, reject) =>
    app.getHttpServer().getConnections((error: Error | null, count: number) => {
      if (error === null) resolve(count);
      else reject(error);
    }),
  );
}
