import { readFileSync } from 'node:fs';

/** The pages that others read, and copy from. */
export const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/protocol.md',
  'docs/operations.md',
  'docs/performance.md',
  'docs/security.md',
  'docs/testing.md',
  'test/README.md',
] as const;
export type PageName = (typeof PAGES)[number];

export function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
}

/** The JavaScript below a heading, of which there is at most one piece. */
export function codeBelow(page: PageName, heading: string): string | undefined {
  return sectionsWithCode(page).get(heading);
}

/** The lines for a shell below a heading. */
export function commandsBelow(page: PageName, heading: string): string[] {
  const [, rest = ''] = read(page).split(new RegExp(`^#+ ${heading}$`, 'm'));
  const [section = ''] = rest.split(/^#+ /m);
  const [, block = ''] = /```sh\n(.*?)```/s.exec(section) ?? [];
  return block.trim().split('\n');
}

export function sectionsWithCode(page: PageName): Map<string, string> {
  const pieces = read(page).split(/^#+ /m);
  return new Map(
    pieces.flatMap((section) => {
      const [, heading = '', code] = /^([^\n]*)\n.*?```js\n(.*?)```/s.exec(section) ?? [];
      return code === undefined ? [] : [[heading, code]];
    }),
  );
}
