import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CallJournal } from '../calls/call-journal.js';
import { CallRegistry } from '../calls/call-registry.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { PresenceService } from '../presence/presence.service.js';

/** Each sample wakes the process up. */
const EVENT_LOOP_SAMPLE_MS = 50;
const SECONDS_TO_HANDLE = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.005, 0.025, 0.1];
const SECONDS_TO_ANSWER = [1, 2, 5, 10, 15, 20, 30, 45, 60];
const SECONDS_TO_CONNECT = [0.25, 0.5, 1, 2, 5, 10, 20, 30];

/** What an operations team watches. No label names a tenant, a user or an address. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  private readonly messages = new Counter({
    name: 'switchboard_messages_total',
    help: 'Messages received, by event and outcome.',
    labelNames: ['event', 'outcome'],
    registers: [this.registry],
    collect: () => this.countMessages(),
  });
  /** Since the last scrape: prom-client builds and hashes a text of the labels to count one. */
  private readonly uncounted = {
    ok: new Map<string, number>(),
    refused: new Map<string, number>(),
  };
  private readonly refusals = new Counter({
    name: 'switchboard_refusals_total',
    help: 'Messages and handshakes refused, by error code.',
    labelNames: ['code'],
    registers: [this.registry],
  });
  private readonly strays = new Counter({
    name: 'switchboard_unknown_sessions_total',
    help: 'Requests of Engine.IO sessions that are not on this node.',
    registers: [this.registry],
  });
  private readonly handling = new Histogram({
    name: 'switchboard_handling_seconds',
    help: 'Time from the moment a message is taken up until it is handled.',
    buckets: SECONDS_TO_HANDLE,
    registers: [this.registry],
  });
  private readonly callsEnded = new Counter({
    name: 'switchboard_calls_ended_total',
    help: 'Calls ended, by reason.',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  private readonly timeToAccept = new Histogram({
    name: 'switchboard_time_to_accept_seconds',
    help: 'Time from the first ring until the call was accepted.',
    buckets: SECONDS_TO_ANSWER,
    registers: [this.registry],
  });
  private readonly timeToConnect = new Histogram({
    name: 'switchboard_time_to_connect_seconds',
    help: 'Time from accepted to connected.',
    buckets: SECONDS_TO_CONNECT,
    registers: [this.registry],
  });

  constructor(
    messenger: PeerMessenger,
    presence: PresenceService,
    calls: CallRegistry,
    journal: CallJournal,
  ) {
    collectDefaultMetrics({
      register: this.registry,
      eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS,
    });
    this.gauge('switchboard_connections', 'Open connections.', () => messenger.connectionCount);
    this.gauge('switchboard_registered_peers', 'Peers on the list.', () => presence.registered);
    const live = new Gauge({
      name: 'switchboard_calls',
      help: 'Live calls, by state.',
      labelNames: ['state'],
      registers: [this.registry],
      collect: () => {
        for (const [state, count] of calls.countByPhase()) live.set({ state }, count);
      },
    });
    journal.ended.subscribe(({ reason }) => this.callsEnded.inc({ reason }));
    journal.accepted.subscribe((ms) => this.timeToAccept.observe(ms / 1_000));
    journal.connected.subscribe((ms) => this.timeToConnect.observe(ms / 1_000));
  }

  handled(event: string, outcome: 'ok' | 'refused', seconds: number): void {
    const counts = this.uncounted[outcome];
    counts.set(event, (counts.get(event) ?? 0) + 1);
    this.handling.observe(seconds);
  }

  refused(code: string): void {
    this.refusals.inc({ code });
  }

  strayed(): void {
    this.strays.inc();
  }

  private countMessages(): void {
    for (const [outcome, counts] of Object.entries(this.uncounted)) {
      for (const [event, count] of counts) this.messages.inc({ event, outcome }, count);
      counts.clear();
    }
  }

  private gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => gauge.set(read()),
    });
  }
}
