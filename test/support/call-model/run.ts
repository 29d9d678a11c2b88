import { CallRegistry } from '../../../src/calls/call-registry.js';
import type { RunningApp } from '../app.js';
import { Cast, expectNothingLeft } from './cast.js';
import { commandOf, type Scene, type Seat, type Step } from './steps.js';
import type { Device, Payload, Told } from './book.js';
import { CallModel } from './model.js';
import { Witness } from './witness.js';
import type { ManualClock } from '../manual-clock.js';

export interface World {
  readonly server: RunningApp;
  readonly clock: ManualClock;
  readonly callsRequired: boolean;
  readonly severalDevices: boolean;
  /** Whether a device has as many ring slots as the protocol says, or any number. */
  readonly ringSlots: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Each step is over before the next begins: everybody is told exactly what the model says. */
export async function oneByOne(world: World, seats: Seat[], steps: Step[]): Promise<CallModel> {
  const model = new CallModel(world.callsRequired, world.ringSlots);
  await withCast(world, seats, async (cast, trace) => {
    for (const actor of cast.actors) model.joins(actor.device, actor);
    for (const [number, step] of steps.entries()) {
      const expected = await take(step, `line ${number}`, world, model, cast, trace);
      await cast.settled();
      const seen = new Map([...cast.collect()].filter(([, log]) => log.length > 0));
      // Ends at the same moment come in no particular order.
      if (step.do === 'wait') {
        for (const log of [...seen.values(), ...expected.values()]) log.sort(inAnyOrder);
      }
      expect(seen).toEqual(expected);
    }
  });
  return model;
}

async function take(
  step: Step,
  text: string,
  { clock }: World,
  model: CallModel,
  cast: Cast,
  trace: string[],
): Promise<Map<Device, Payload[]>> {
  if (step.do === 'leave') {
    const actor = cast.at(step.seat);
    if (!actor.connected || cast.present().length === 1) return new Map();
    trace.push(`${actor.device} leaves`);
    cast.leave(actor);
    await cast.gone();
    return logs(model.leaves(actor.device));
  }
  if (step.do === 'return') {
    if (cast.at(step.seat).connected) return new Map();
    const actor = await cast.connect(step.seat);
    trace.push(`${actor.device} connects`);
    model.joins(actor.device, actor);
    return new Map();
  }
  if (step.do === 'wait') {
    trace.push(`${step.seconds} s pass`);
    clock.advance(step.seconds * 1_000);
    return logs(model.passes(step.seconds * 1_000));
  }
  const command = commandOf(step, { seats: cast.sceneSeats(), calls: knownTo(model) }, text);
  if (command === undefined) return new Map();
  const { from, event, payload } = command;
  const { reply, told } = model.sends(from, event, payload);
  trace.push(`${from}: ${event} ${JSON.stringify(payload)}`);
  await cast.send(command);
  const expected = logs(told);
  expected.set(from, [...(expected.get(from) ?? []), { kind: 'reply', command, payload: reply }]);
  return expected;
}

/** The steps of a burst meet at the server in whatever order; between bursts all comes to rest. */
export async function allAtOnce(world: World, seats: Seat[], bursts: Step[][]): Promise<void> {
  const registry = world.server.app.get(CallRegistry);
  await withCast(world, seats, async (cast, trace) => {
    const witness = new Witness(cast);
    const comeToRest = async () => {
      await cast.gone();
      await cast.settled(); // everything sent has been handled,
      await cast.settled(); // and everything that came of it has arrived
      witness.sees(cast.collect());
      witness.expectAgreement(registry.size);
    };
    for (const [number, burst] of bursts.entries()) {
      trace.push('- at once:');
      for (const step of burst) {
        if (step.do === 'return' && !cast.at(step.seat).connected) await cast.connect(step.seat);
      }
      const scene = { seats: cast.sceneSeats(), calls: witness.known() };
      for (const [place, step] of burst.entries()) {
        hurry(step, `line ${number}.${place}`, world, scene, cast, trace);
        if (place % 3 === 2) await new Promise((resolve) => setImmediate(resolve));
      }
      await comeToRest();
    }
    world.clock.advance(2 * DAY_MS);
    await comeToRest();
    witness.expectAllOver();
  });
}

function hurry(
  step: Step,
  text: string,
  { clock }: World,
  scene: Scene,
  cast: Cast,
  trace: string[],
): void {
  if (step.do === 'return') return; // it did, before the burst
  if (step.do === 'leave') {
    const actor = cast.at(step.seat);
    if (!actor.connected || cast.present().length === 1) return;
    trace.push(`${actor.device} leaves`);
    return cast.leave(actor);
  }
  if (step.do === 'wait') {
    trace.push(`${step.seconds} s pass`);
    return clock.advance(step.seconds * 1_000);
  }
  const command = commandOf(step, scene, text);
  if (command === undefined) return;
  trace.push(`${command.from}: ${command.event} ${JSON.stringify(command.payload)}`);
  void cast.send(command);
}

async function withCast(
  { server, clock, severalDevices }: World,
  seats: Seat[],
  act: (cast: Cast, trace: string[]) => Promise<void>,
): Promise<void> {
  const cast = await Cast.assemble(server, seats, severalDevices);
  const trace: string[] = [];
  try {
    await act(cast, trace);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`after\n${trace.join('\n')}\n${why}`, { cause: error });
  } finally {
    await cast.disperse();
  }
  await expectNothingLeft(server.app, clock);
}

function knownTo({ calls }: CallModel): Scene['calls'] {
  return calls.map(({ id, stage, caller, parts }) => ({
    id,
    caller,
    live: stage !== 'over',
    others: [...parts.keys()].filter((device) => device !== caller),
  }));
}

function logs(told: Told[]): Map<Device, Payload[]> {
  const byDevice = new Map<Device, Payload[]>();
  for (const { device, event, payload } of told) {
    const log = byDevice.get(device) ?? [];
    byDevice.set(device, [...log, { kind: 'told', event, payload }]);
  }
  return byDevice;
}

function inAnyOrder(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
