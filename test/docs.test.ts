import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { TOKEN_PROBLEMS } from '../src/auth/token-problems.js';
import { Settings } from '../src/config/settings.js';
import { END_REASONS } from '../src/protocol/events.js';
import { Metrics } from '../src/metrics/metrics.js';
import { SIGNALING_ERRORS } from '../src/protocol/signaling-error.js';
import {
  BUDGETS,
  type BudgetName,
  FRAMES_BUDGET,
  HANDSHAKES_BUDGET,
  HTTP_BUDGET,
} from '../src/rate-limit/budgets.js';
import { startApp } from './support/app.js';
import { codeBelow, PAGES, read, sectionsWithCode } from './support/copied-code.js';
import { subscriptions } from './support/subscriptions.js';

/** The documents say what the code does, or these fail. */
describe.each(['README.md', 'docs/protocol.md'])('%s', (file) => {
  it('has the error table of the code', () => {
    const [, written = ''] = /<!-- errors -->\n([^]*)\n<!-- \/errors -->/.exec(read(file)) ?? [];
    const rows = Object.entries(SIGNALING_ERRORS).map(
      ([code, { message, retryable, advice }]) =>
        `| \`${code}\` | ${message} | ${retryable ? 'yes' : 'no'} | ${advice} |`,
    );
    const head = ['| code | says | may pass by itself | what to do |', '|---|---|---|---|'];
    expect(written.trim()).toBe([...head, ...rows].join('\n'));
  });
});

describe.each(PAGES)('%s', (file) => {
  it('links only to what there is', () => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)];
    const dead = links.filter(([, target = '', section = '']) => {
      const there = target === '' ? file : join(dirname(file), target);
      return !existsSync(url(there)) || (section !== '' && !sections(there).includes(section));
    });
    expect(dead.map(([link]) => link)).toEqual([]);
  });

  it('has no code that is not run by a test', () => {
    // Or is the same as a file that is run: this test says so of one.
    const tests = ['e2e/copied-code', 'browser/copied-code', 'docs'];
    const texts = tests.map((test) => read(`test/${test}.test.ts`));
    const code = read(file).match(/^```js$/gm) ?? [];
    const run = [...sectionsWithCode(file).keys()].filter((heading) =>
      texts.some((text) => text.includes(`'${heading}'`)),
    );
    expect(run).toHaveLength(code.length);
  });

  it('names no script that there is not', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: object };
    const named = [...read(file).matchAll(/npm run (?:--\w+ )?([\w:]+)/g)].map(([, name]) => name);
    expect(named.filter((name = '') => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('takes acknowledgements in callbacks, which keep their order with events', () => {
    for (const code of sectionsWithCode(file).values()) {
      expect(code.replace(/^ *(\/\/|\*).*$/gm, '')).not.toMatch(/emitWithAck|await socket\./);
    }
  });
});

describe('README.md', () => {
  it('shows the example of both sides of a call as it is', () => {
    expect(codeBelow('README.md', 'Both sides of a call')).toBe(read('examples/call.js'));
  });

  it('lists the events that a client sends, as the contract and the gateway have them', () => {
    const events = table('README.md', 'Events a client sends').map(([event]) => event);
    expect(events).toEqual(members('ClientEvents'));
    expect(subscriptions()).toEqual(members('ClientEvents'));
  });

  it('lists the events that a client receives', () => {
    const events = table('README.md', 'Events a client receives').map(([event]) => event);
    expect(events).toEqual(members('ServerEvents'));
  });

  it('lists every setting with its default', () => {
    const settings = Object.entries(new Settings()).map(([name, value]) => [
      name,
      name === 'TRUST_PROXY' ? 'off' : asText(value as SettingValue),
    ]);
    const listed = table('README.md', 'Settings').map(([name, value]) => [
      name,
      name === 'LOG_FORMAT' ? asText(new Settings().LOG_FORMAT) : value,
    ]);
    expect(listed.sort()).toEqual(settings.sort());
  });
});

describe('CONTRIBUTING.md', () => {
  const [, rest = ''] = read('CONTRIBUTING.md').split('## Adding an event\n');
  const [adding = ''] = rest.split(/^## /m);
  /** What the example is to add. */
  const isNew = (name: string) => /^(hold|held|HoldDto)$|\bhold\./.test(name);

  const steps = adding.split(/^ *(?:\d+\.|-) /m).slice(1);

  it.each(steps.map((text) => ({ about: text.slice(0, 50).trim(), text })))(
    'names the files of a step, and what is in them: $about …',
    ({ text }) => {
      const marked = [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
      const files = marked
        .flatMap((code) => code.split(' '))
        .filter((word) => /^[\w./-]+\.(ts|md)$/.test(word) && !isNew(word));
      expect(files.filter((name) => !existsSync(url(name)))).toEqual([]);
      const words = files.flatMap((name) => read(name).split(/\W+/));
      const names = marked.filter((code) => /^\w+$/.test(code) && !isNew(code));
      expect(names.filter((name) => !words.includes(name))).toEqual([]);
    },
  );
});

describe('docs/protocol.md', () => {
  it('lists every reason for which a call ends', () => {
    const rows = table('docs/protocol.md', 'How a call ends').map(([name = '']) => name);
    const timers = (name: string) => /^[A-Z]/.test(name);
    expect(rows.filter((name) => !timers(name))).toEqual([...END_REASONS]);
  });

  it('mentions every event', () => {
    const text = read('docs/protocol.md');
    for (const event of [...members('ClientEvents'), ...members('ServerEvents')]) {
      expect(text).toContain(`\`${event}`);
    }
  });
});

describe('docs/security.md', () => {
  it('lists what a client with a bad token is told', () => {
    const [, list = ''] = read('docs/security.md').split(/<!-- \/?token problems -->/);
    const items = list.trim().split('\n');
    expect(items).toEqual(Object.values(TOKEN_PROBLEMS).map((message) => `- \`${message}\``));
  });

  it('names a test for every threat', () => {
    const [, rest = ''] = read('docs/security.md').split(/^## Threats$/m);
    const [threats = ''] = rest.split(/^### /m);
    const rows = threats.split('\n').filter((line) => /^\| (?!\*\*|threat )/.test(line));
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => !/\.(test|spec)\.ts\)[^|]*\|$/.test(row))).toEqual([]);
  });
});

describe('docs/testing.md', () => {
  it('has the example that is one of the tests', () => {
    const [, ...blocks] = read('docs/testing.md').split('```ts\n');
    const example = blocks.at(-1)?.split('```\n').at(0);
    expect(example).toBe(read('test/e2e/testing-example.test.ts'));
  });
});

describe('docs/operations.md', () => {
  it('lists every metric of ours with its type', async () => {
    const server = await startApp();
    const metrics = await server.app.get(Metrics).registry.getMetricsAsJSON();
    await server.close();
    const ours = metrics
      .filter(({ name }) => name.startsWith('switchboard_'))
      .map(({ name, type }) => [name, String(type)]);
    const listed = table('docs/operations.md', 'Metrics').map((row) => row.slice(0, 2));
    expect(listed.sort()).toEqual(ours.sort());
  });

  it('states the budgets of the code', () => {
    const named: Record<string, BudgetName> = {
      candidate: 'candidates',
      'offer, answer': 'descriptions',
      call: 'calls',
      register: 'registrations',
      watchPresence: 'snapshots',
      getOnlineUsers: 'lists',
      'everything else': 'rest',
      'bytes of SDP and candidates': 'bytes',
    };
    const rows = table('docs/operations.md', 'Limits');
    expect(rows.map(([events = '']) => named[events])).toEqual(Object.keys(BUDGETS));
    for (const [events = '', perSecond, burst] of rows) {
      const budget = BUDGETS[named[events] ?? 'rest'];
      expect({ events, perSecond, burst }).toEqual({
        events,
        perSecond: String(budget.perSecond),
        burst: String(budget.burst),
      });
    }
  });

  it.each(['docs/protocol.md', 'docs/security.md'])(
    'and %s what may come before it is an event',
    (file) => {
      const text = read(file);
      for (const { perSecond, burst } of [FRAMES_BUDGET, HANDSHAKES_BUDGET, HTTP_BUDGET]) {
        const atOnce = burst.toLocaleString('en-US');
        expect(text).toMatch(new RegExp(`\\b${perSecond} a second(,| and) ${atOnce} at once`));
      }
    },
  );

  it('knows every log line that has a name', () => {
    const listed = table('docs/operations.md', 'Log lines').map(([event]) => event);
    const written = [
      'src/signaling/journal.ts',
      'src/signaling/refusals.ts',
      'src/calls/call-journal.ts',
      'src/auth/remote-keys.ts',
    ].flatMap((file) => [...read(file).matchAll(/event: '([^']+)'/g)].map(([, event]) => event));
    expect(written.sort()).toEqual(listed.sort());
  });
});

describe('test/README.md', () => {
  it('names every test and every file that they share, once', () => {
    const linked = [...read('test/README.md').matchAll(/\]\((\w[\w./-]*)\)/g)];
    const files = readdirSync(url('test'), { recursive: true, encoding: 'utf8' });
    expect(linked.map(([, file = '']) => file).sort()).toEqual(
      files.filter((file) => /\.m?[jt]s$/.test(file)).sort(),
    );
  });
});

function url(file: string): URL {
  return new URL(`../${file}`, import.meta.url);
}

/** As GitHub names them in links. */
function sections(file: string): string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** The rows of the tables below a heading, without their heads and without code marks. */
function table(file: string, heading: string): string[][] {
  const [, rest = ''] = read(file).split(new RegExp(`^#+ ${heading}$`, 'm'));
  const [section = ''] = rest.split(/^#+ /m);
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll('`', '')));
}

function members(interfaceName: string): string[] {
  const source = ts.createSourceFile(
    'events.ts',
    read('src/protocol/events.ts'),
    ts.ScriptTarget.ESNext,
  );
  return source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => name.text === interfaceName)
    .flatMap(({ members: all }) => all.map(({ name }) => name?.getText(source) ?? ''));
}

type SettingValue = string | number | boolean | readonly string[] | undefined;

function asText(value: SettingValue): string {
  if (value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return Array.isArray(value) ? value.join(',') : String(value);
}
