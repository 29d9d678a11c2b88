import { MESSAGE_METADATA } from '@nestjs/websockets/internal';
import { SignalingGateway } from '../../src/signaling/signaling.gateway.js';

/** The events that the gateway has a handler for. */
export function subscriptions(): string[] {
  const gateway = SignalingGateway.prototype as unknown as Record<string, object>;
  return Object.getOwnPropertyNames(gateway)
    .map((name) => Reflect.getMetadata(MESSAGE_METADATA, gateway[name] ?? {}) as string | undefined)
    .filter((event) => event !== undefined);
}
