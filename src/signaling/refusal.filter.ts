import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { AckRequest } from '../delivery/ack-request.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import { Refusals } from './refusals.js';

/**
 * Turns whatever a handler or pipe throws into the answer to its sender. It hangs on the gateway
 * class, since Nest applies no global filter to gateways and by itself acknowledges no error.
 */
@Catch()
export class RefusalFilter implements ExceptionFilter {
  constructor(private readonly refusals: Refusals) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const [peer, , request, event] =
      host.getArgs<[PeerSocket, unknown, AckRequest | undefined, string]>();
    this.refusals.refuse(peer.id, event, request, error);
  }
}
