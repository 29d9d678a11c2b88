import { latency } from './latency.js';
import { relay } from './relay.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [relay, latency];
