/**
 * Lets go of a service that is told to stop before it has started. As process 1 of a container it
 * would otherwise never hear of it: Node has no handler of its own there, and Nest none yet.
 * Afterwards the listener stays, and does nothing: without one, a second signal would cut a drain.
 */
let starting = true;

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (starting) process.exit(0);
  });
}

export function startedUp(): void {
  starting = false;
}
