import type { LoggerService } from '@nestjs/common';
import {
  callIdOf,
  callStage,
  connect,
  forget,
  refusal,
  ring,
  RING_MS,
  Stage,
} from '../support/calls.js';
import { ManualClock } from '../support/manual-clock.js';

const STARTED_AT = '2026-01-02T03:04:05.678Z';

class DatedClock extends ManualClock {
  override date(): Date {
    return new Date(STARTED_AT);
  }
}

/** Keeps whatever would have been written, of any level, but that peers of the test before have left. */
class RecordingLogger implements LoggerService {
  readonly lines: unknown[] = [];

  log(...line: unknown[]): void {
    if (line.at(-1) !== 'Connection') this.lines.push(line);
  }
  warn = this.log.bind(this);
  error = this.log.bind(this);
  fatal = this.log.bind(this);
  debug = this.log.bind(this);
  verbose = this.log.bind(this);
}

function record(stage: Stage): RecordingLogger {
  const logger = new RecordingLogger();
  stage.server.app.useLogger(logger);
  return logger;
}

function lineOf(record: object): unknown[] {
  return [{ event: 'call ended', tenant: '', startedAt: STARTED_AT, ...record }, 'Call'];
}

describe('the record of a call', () => {
  const stage = callStage({}, new DatedClock());

  it('says in one line who talked, from when, how long until what, and why it ended', async () => {
    const { lines } = record(stage);
    const [ana, ben] = await stage.enter('protocol 2', 'tutorial');
    const callId = await ring(ana, ben);
    stage.clock.advance(2_000);
    await ben.ask('offer', { to: ana.id, sdp: 'v=0' });
    stage.clock.advance(300);
    await ana.ask('answer', { to: ben.id, sdp: 'v=0' });
    stage.clock.advance(60_000);
    // A negotiation in the middle of the call is not when it connected.
    await ana.ask('offer', { to: ben.id, sdp: 'v=0' });
    await ben.ask('answer', { to: ana.id, sdp: 'v=0' });
    stage.clock.advance(40_000);
    expect(lines).toEqual([]);

    await ben.ask('endCall', { to: ana.id });
    await ana.ask('endCall', { to: ben.id });
    expect(lines).toEqual([
      lineOf({
        callId,
        caller: ana.id,
        callee: ben.id,
        reason: 'hangup',
        acceptedAfterMs: 2_000,
        connectedAfterMs: 2_300,
        endedAfterMs: 102_300,
      }),
    ]);
  });

  it('leaves open what never happened', async () => {
    const { lines } = record(stage);
    const [ana, ben] = await stage.enter('protocol 2', 'tutorial');
    const parties = { caller: ana.id, callee: ben.id };
    const unanswered = await ring(ana, ben);
    stage.clock.advance(RING_MS);
    const unconnected = await ring(ana, ben);
    stage.clock.advance(1_000);
    await ben.ask('accept', { callId: unconnected });
    stage.clock.advance(500);
    await ana.ask('endCall', { to: ben.id, reason: 'failed' });
    expect(lines).toEqual([
      lineOf({
        callId: unanswered,
        ...parties,
        reason: 'timeout',
        acceptedAfterMs: null,
        connectedAfterMs: null,
        endedAfterMs: RING_MS,
      }),
      lineOf({
        callId: unconnected,
        ...parties,
        reason: 'failed',
        acceptedAfterMs: 1_000,
        connectedAfterMs: null,
        endedAfterMs: 1_500,
      }),
    ]);
  });

  it('counts an answer to an early offer as accepting and connecting at once', async () => {
    const { lines } = record(stage);
    const [ana, ben] = await stage.enter('protocol 2', 'tutorial');
    await ring(ana, ben);
    await ana.ask('offer', { to: ben.id, sdp: 'v=0' });
    stage.clock.advance(700);
    await ben.ask('answer', { to: ana.id, sdp: 'v=0' });
    await ben.ask('endCall', { to: ana.id });
    expect(lines).toEqual([
      [expect.objectContaining({ acceptedAfterMs: 700, connectedAfterMs: 700 }), 'Call'],
    ]);
  });

  it('is another line for a call that rang nobody, with who called whom in vain', async () => {
    const { lines } = record(stage);
    const [ana, ben, carl] = await stage.enter('tutorial', 'tutorial', 'tutorial');
    expect(await ana.ask('call', { to: 'nobody' })).toEqual(refusal('unavailable'));
    expect(await ana.ask('call', { toUser: 'nobody' })).toEqual(refusal('unavailable'));
    await connect(ben, carl);
    expect(await ana.ask('call', { to: ben.id })).toEqual(refusal('busy'));
    const refused = { event: 'call refused', tenant: '', caller: ana.id };
    expect(lines).toEqual([
      [{ ...refused, callee: null, reason: 'unavailable' }, 'Call'],
      [{ ...refused, callee: 'nobody', reason: 'unavailable' }, 'Call'],
      [{ ...refused, callee: ben.id, reason: 'busy' }, 'Call'],
    ]);
  });

  it('is written once for a call that both sides end', async () => {
    const { lines } = record(stage);
    const [ana, ben] = await stage.enter('tutorial', 'tutorial');
    const callId = await connect(ana, ben);
    await Promise.all([
      ana.ask('endCall', { to: ben.id }),
      ben.ask('endCall', { to: ana.id }),
      ana.ask('endCall', { callId }),
    ]);
    await Promise.all([ana.close(), ben.close()]);
    await stage.clear();
    expect(lines.filter((line) => (line as unknown[])[1] === 'Call')).toHaveLength(1);
  });

  it('holds neither names nor anything that was negotiated', async () => {
    const { lines } = record(stage);
    const [ana, ben] = await stage.enter('protocol 2', 'protocol 2');
    await ana.ask('register', 'Secret Ana');
    await ben.ask('register', 'Secret Ben');
    const sdp = 'v=0\r\ns=secret';
    const candidate = { candidate: 'candidate:secret', sdpMid: '0', usernameFragment: 'secret' };
    const callId = callIdOf(await ana.ask('call', { to: ben.id }));
    await ben.ask('offer', { callId, sdp });
    await ana.ask('answer', { callId, sdp });
    await ana.ask('candidate', { callId, candidate });
    await ben.ask('candidate', { callId, candidate });
    await ben.ask('accept', { callId });
    await ben.ask('endCall', { callId });
    await ben.ask('offer', { callId, sdp });
    await stage.settle();
    forget(ana, ben);
    expect(lines.filter((line) => (line as unknown[])[1] === 'Call')).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(/secret/i);
  });
});

it('a stopping server leaves one record of each call', async () => {
  const stage = new Stage({}, new ManualClock());
  await stage.open();
  const { lines } = record(stage);
  const [ana, ben, carl, dora] = await stage.enter('tutorial', 'tutorial', 'tutorial', 'tutorial');
  const ids = [await ring(ana, ben), await connect(carl, dora)];
  await stage.close();
  await stage.deserted();
  await stage.clear();
  const records = lines.flatMap((line) => (line as unknown[])[0]).filter(isCallRecord);
  expect(records).toEqual(
    ids.map((callId) => expect.objectContaining({ callId, reason: 'shutdown' }) as unknown),
  );
});

function isCallRecord(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'callId' in message;
}
