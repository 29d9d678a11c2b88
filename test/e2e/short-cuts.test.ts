import { directHandlers } from '../../src/signaling/direct-handlers.js';
import { SignalingGateway } from '../../src/signaling/signaling.gateway.js';
import { startApp } from '../support/app.js';

const NO_MESSAGES = ['constructor', 'handleConnection', 'handleDisconnect'];

/** Each falls back to the ordinary way without a word when a name it relies on is missing. */
describe('the short cuts past what Nest and Socket.IO would do', () => {
  it('include every handler: Nest still calls its metadata what it did', async () => {
    const server = await startApp();
    const gateway = server.app.get(SignalingGateway);
    const handlers = Object.getOwnPropertyNames(Object.getPrototypeOf(gateway)).filter(
      (name) => !NO_MESSAGES.includes(name), // each is named like its event
    );
    expect([...directHandlers(server.app, gateway).keys()]).toEqual(handlers);
    await server.close();
  });
});
