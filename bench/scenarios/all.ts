import type { Sizes } from '../sizes.js';
import { callMemory } from './call-memory.js';
import { crowdStorm } from './crowd-storm.js';
import { idleMemory, idleMemoryOfMany } from './idle-memory.js';
import { latency } from './latency.js';
import { presenceStorm, watchedStorm } from './presence-storm.js';
import { relay, relayAtScale } from './relay.js';
import type { Scenario } from './scenario.js';
import { setUp } from './set-up.js';
import { wholeCalls } from './whole-calls.js';

/**
 * In the order of the table. Of those that share a server the largest come last, since it has much
 * to clean up after them.
 */
export function allScenarios(sizes: Sizes): readonly Scenario[] {
  return [
    relay(sizes),
    latency(sizes),
    setUp(sizes),
    wholeCalls(sizes),
    ...sizes.scale.map((connections) => relayAtScale(connections, sizes)),
    idleMemory(sizes),
    idleMemoryOfMany(sizes),
    callMemory(sizes),
    ...sizes.joining.map((joining) => presenceStorm(joining, sizes)),
    ...sizes.joining.slice(-1).map((joining) => watchedStorm(joining, sizes)),
    crowdStorm(sizes),
  ];
}
