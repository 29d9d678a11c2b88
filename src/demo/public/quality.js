/* How good the line is: measured once a second with getStats, and drawn as three small charts. */

const EVERY_MS = 1_000;
const SAMPLES = 30;
/** What a line must stay below to be called so; the round trip in milliseconds, the loss in percent. */
const GRADES = [
  { word: 'good', roundTrip: 150, loss: 2 },
  { word: 'fair', roundTrip: 400, loss: 8 },
  { word: 'poor', roundTrip: Infinity, loss: Infinity },
];
/** The height of a chart is at least `full`, so that a quiet line does not look like a storm. */
const SERIES = {
  roundTrip: { full: 100, format: (value) => `${Math.round(value)} ms` },
  loss: { full: 5, format: (value) => `${value.toFixed(1)} %` },
  bitrate: { full: 500, format: formatBitrate },
};
const [WIDTH, HEIGHT] = [100, 24]; // of a chart, in units of its view box

/** Watches until the function it returns is called. */
export function watchQuality(pc, figure) {
  const history = [];
  let before = null;
  show(figure, history);

  const timer = setInterval(async () => {
    const now = read(await pc.getStats());
    if (before && pc.connectionState !== 'closed') {
      history.push(compare(before, now));
      if (history.length > SAMPLES) history.shift();
      show(figure, history);
    }
    before = now;
  }, EVERY_MS);
  return () => clearInterval(timer);
}

/** The totals since the line was opened. */
function read(report) {
  const totals = { time: Date.now(), roundTrip: 0, bytes: 0, received: 0, lost: 0 };
  const stats = [...report.values()];
  const transport = stats.find(({ selectedCandidatePairId }) => selectedCandidatePairId);
  for (const stat of stats) {
    // Firefox has no transport: there the pair itself says that it was selected.
    if (stat.selected || stat.id === transport?.selectedCandidatePairId) {
      totals.roundTrip = (stat.currentRoundTripTime ?? 0) * 1_000;
    }
    if (stat.type !== 'inbound-rtp') continue;
    totals.bytes += stat.bytesReceived ?? 0;
    totals.received += stat.packetsReceived ?? 0;
    totals.lost += stat.packetsLost ?? 0;
  }
  return totals;
}

/** What happened between two readings. */
function compare(before, now) {
  const lost = Math.max(0, now.lost - before.lost);
  const sent = Math.max(0, now.received - before.received) + lost;
  return {
    roundTrip: now.roundTrip,
    loss: sent ? (lost / sent) * 100 : 0,
    bitrate: (Math.max(0, now.bytes - before.bytes) * 8) / (now.time - before.time), // kbit/s
  };
}

function show(figure, history) {
  const latest = history.at(-1);
  const word = latest ? grade(history.slice(-3)) : 'measuring';
  figure.dataset.grade = word;
  const place = figure.querySelector('output');
  // Only when it changes: every time it is set, a screen reader reads it out.
  if (place.textContent !== word) place.textContent = word;
  for (const [name, { full, format }] of Object.entries(SERIES)) {
    const row = figure.querySelector(`[data-series=${name}]`);
    row.querySelector('span').textContent = latest ? format(latest[name]) : '–';
    const [area, line] = row.querySelectorAll('path');
    const points = trace(history, name, full);
    const begin = `${WIDTH - (history.length - 1) * (WIDTH / (SAMPLES - 1))} ${HEIGHT}`;
    line.setAttribute('d', points.length ? `M${points.join('L')}` : '');
    area.setAttribute(
      'd',
      points.length ? `M${begin}L${points.join('L')}L${WIDTH} ${HEIGHT}Z` : '',
    );
  }
}

/** The mean of the last seconds: one packet lost is no drama. */
function grade(samples) {
  const mean = (name) => samples.reduce((sum, sample) => sum + sample[name], 0) / samples.length;
  const good = (limit) => mean('roundTrip') < limit.roundTrip && mean('loss') < limit.loss;
  return GRADES.find(good).word;
}

/** The newest at the right edge. */
function trace(history, name, full) {
  const highest = Math.max(full, ...history.map((sample) => sample[name]));
  return history.map((sample, index) => {
    const x = WIDTH - (history.length - 1 - index) * (WIDTH / (SAMPLES - 1));
    const y = HEIGHT - 1.5 - (sample[name] / highest) * (HEIGHT - 4);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
}

function formatBitrate(kilobits) {
  return kilobits < 1_000
    ? `${Math.round(kilobits)} kbit/s`
    : `${(kilobits / 1_000).toFixed(1)} Mbit/s`;
}
