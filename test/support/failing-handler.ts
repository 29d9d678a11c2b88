/**
 * Fails where nothing else does: `ringing` for the call `fail`, in the built service. For Node's
 * option `--import`.
 */
export const FAILING_HANDLER = `data:text/javascript,${encodeURIComponent(`
  import { CallRelayService } from '${new URL('../../dist/calls/call-relay.service.js', import.meta.url).href}';
  const { ringing } = CallRelayService.prototype;
  CallRelayService.prototype.ringing = function (from, payload) {
    if (payload.callId === 'fail') throw new TypeError('a handler failed');
    return ringing.call(this, from, payload);
  };
`)}`;
