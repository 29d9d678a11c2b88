import { CONTESTANTS, type ContestantName, NAMES, REFERENCE } from '../contestants.js';
import { type Ratio, type Results } from '../results.js';
import type { Row } from '../scenarios/scenario.js';
import { ratio } from './format.js';

const WIDTH = 760;
const NAMES_WIDTH = 200;
const FIGURES_WIDTH = 70;
const BAR = 18;
const GAP = 6;
const HEADING = 34;
const MARGIN = 20;

/** How many times the reference each server does, for what is the better the more there is of it. */
export function chart(results: Results): string {
  const rows = results.rows.filter(({ better }) => better === 'more');
  const longest = Math.max(...rows.flatMap((row) => barsOf(results, row)).map(({ max }) => max));
  const scale = (WIDTH - NAMES_WIDTH - FIGURES_WIDTH - 2 * MARGIN) / longest;
  let y = MARGIN;
  const parts = rows.map((row) => {
    const bars = barsOf(results, row);
    const heading = `<text x="${MARGIN}" y="${y + 14}" class="title">${row.title}, ${row.unit}</text>`;
    const drawn = bars.map((bar, index) =>
      draw(bar, y + HEADING - 10 + index * (BAR + GAP), scale),
    );
    y += HEADING + bars.length * (BAR + GAP);
    return [heading, ...drawn].join('\n');
  });
  const title = 'Each server compared with the tutorial: 1× is as much as the tutorial does';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="${title}">
<title>${title}</title>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${y}" rx="8"/>
${parts.join('\n')}
</svg>
`;
}

interface Bar extends Ratio {
  readonly name: ContestantName;
}

function barsOf(results: Results, row: Row): Bar[] {
  return NAMES.flatMap((name) => {
    const compared = results.ratio(row, name);
    return compared === undefined ? [] : [{ name, ...compared }];
  });
}

/** The median as a bar, and from the smallest to the largest as a line through its end. */
function draw({ name, median, min, max }: Bar, y: number, scale: number): string {
  const x = MARGIN + NAMES_WIDTH;
  const middle = y + BAR / 2;
  const at = (value: number): string => (x + value * scale).toFixed(1);
  const spread =
    name === REFERENCE ? '' : `<path class="spread" d="M${at(min)} ${middle}H${at(max)}"/>`;
  const kind = name === 'switchboard' ? 'bar own' : 'bar';
  return [
    `<text x="${x - 8}" y="${middle + 4}" class="name">${CONTESTANTS[name].title.replaceAll('`', '')}</text>`,
    `<rect class="${kind}" x="${x}" y="${y}" width="${(median * scale).toFixed(1)}" height="${BAR}" rx="3"/>`,
    spread,
    `<text x="${Number(at(max)) + 8}" y="${middle + 4}" class="figure">${ratio(median)}</text>`,
  ].join('');
}

const STYLE = `
text{font:13px system-ui,sans-serif;fill:#1f2328}
.title{font-weight:600}.name{text-anchor:end}.figure{font-variant-numeric:tabular-nums}
.ground{fill:#ffffff}.bar{fill:#8c959f}.own{fill:#0969da}
.spread{stroke:#1f2328;stroke-width:2}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.ground{fill:#0d1117}.bar{fill:#6e7681}.own{fill:#4493f8}.spread{stroke:#e6edf3}
}`;
