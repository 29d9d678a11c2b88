import { ModulesContainer } from '@nestjs/core';
import type { RunningApp } from '../app.js';

/** How much every provider of the service keeps in its maps, sets and arrays. */
export function census({ app }: RunningApp): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const module of app.get(ModulesContainer).values()) {
    for (const { instance } of module.providers.values()) {
      if (typeof instance !== 'object' || instance === null) continue;
      for (const [field, value] of Object.entries(instance)) {
        const size =
          value instanceof Map || value instanceof Set
            ? value.size
            : Array.isArray(value)
              ? value.length
              : undefined;
        if (size !== undefined) sizes[`${instance.constructor.name}.${field}`] = size;
      }
    }
  }
  return sizes;
}
