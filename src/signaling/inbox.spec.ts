import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { Inbox, INBOX_MAX_MESSAGES, type Message } from './inbox.js';

const message = (event: unknown): Message => ({ event, payload: undefined, request: undefined });

function newInbox(handle: ConstructorParameters<typeof Inbox>[0]): Inbox {
  return new Inbox(handle, ({ event }) => {
    throw new Error(`${String(event)} found no room`);
  });
}

describe('Inbox', () => {
  it('has a message handled at once while nothing is pending', () => {
    const handled: unknown[] = [];
    const inbox = newInbox(({ event }) => {
      handled.push(event);
    });
    inbox.take(message(1));
    inbox.take(message(2));
    expect(handled).toEqual([1, 2]);
  });

  it('handles one at a time and in order, however long each takes', async () => {
    const turns = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 20 });
    const arrivals = fc.array(fc.boolean(), { minLength: 20, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(turns, arrivals, async (durations, pauses) => {
        const log: string[] = [];
        const inbox = newInbox(({ event }) => {
          log.push(`begin ${String(event)}`);
          const duration = durations[Number(event)] ?? 0;
          const end = (): void => void log.push(`end ${String(event)}`);
          if (duration === 0) end();
          else return waiting(duration).then(end);
        });
        for (const i of durations.keys()) {
          inbox.take(message(i));
          if (pauses[i] === true) await setImmediate();
        }
        await waiting(100);
        expect(log).toEqual([...durations.keys()].flatMap((i) => [`begin ${i}`, `end ${i}`]));
      }),
      { numRuns: 30 },
    );
  });

  it('handles at once again when it has caught up', async () => {
    const handled: unknown[] = [];
    const inbox = newInbox(({ event }) => {
      handled.push(event);
      return event === 'slow' ? waiting(2) : undefined;
    });
    inbox.take(message('slow'));
    inbox.take(message('behind'));
    await waiting(5);
    inbox.take(message('fresh'));
    expect(handled).toEqual(['slow', 'behind', 'fresh']);
  });

  it('refuses what comes when too much is waiting, and takes more once it has caught up', async () => {
    const handled: unknown[] = [];
    const refused: unknown[] = [];
    const inbox = new Inbox(
      ({ event }) => {
        handled.push(event);
        return event === 'slow' ? waiting(1) : undefined;
      },
      ({ event }) => refused.push(event),
    );
    inbox.take(message('slow'));
    for (let i = 0; i < INBOX_MAX_MESSAGES; i += 1) inbox.take(message(i));
    inbox.take(message('too much'));
    expect(refused).toEqual(['too much']);
    await waiting(3);
    inbox.take(message('fresh'));
    expect(handled).toEqual(['slow', ...Array(INBOX_MAX_MESSAGES).keys(), 'fresh']);
  });

  it('takes what a message makes come in while it is being handled', async () => {
    const handled: unknown[] = [];
    const inbox: Inbox = newInbox(({ event }) => {
      handled.push(event);
      if (event === 'slow') return waiting(1);
      if (event === 'behind') inbox.take(message('last'));
    });
    inbox.take(message('slow'));
    inbox.take(message('behind'));
    await waiting(5);
    expect(handled).toEqual(['slow', 'behind', 'last']);
  });
});

async function waiting(turns: number): Promise<void> {
  for (let i = 0; i < turns; i += 1) await setImmediate();
}
