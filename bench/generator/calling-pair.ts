import { candidate, description } from './messages.js';
import type { SocketIoPeer } from './socket-io-peer.js';

const CANDIDATES = 4;

/** One whole call after the other: call, accept, offer, answer, four candidates each way, endCall. */
export class CallingPair {
  ended = 0;
  private readonly call: Buffer;
  private readonly endCall: Buffer;
  private going = true;
  private candidatesLeft = 0;
  private over: () => void = () => undefined;

  constructor(
    private readonly caller: SocketIoPeer,
    private readonly callee: SocketIoPeer,
  ) {
    this.call = caller.encode('call', callee.id);
    this.endCall = caller.encode('endCall', callee.id);
    this.listenAsCaller();
    this.listenAsCallee();
  }

  start(): void {
    this.candidatesLeft = 2 * CANDIDATES;
    this.caller.send(this.call);
  }

  /** Resolves once the call that is going on has ended. */
  stop(): Promise<void> {
    this.going = false;
    return new Promise((resolve) => (this.over = resolve));
  }

  close(): void {
    this.caller.close();
    this.callee.close();
  }

  private listenAsCaller(): void {
    const { caller, callee } = this;
    const answer = caller.encode('answer', callee.id, { sdp: description('answer') });
    const answerAndCandidates = Buffer.concat([answer, candidates(caller, callee)]);
    caller.listener = (event) => {
      if (event === 'offer') caller.send(answerAndCandidates);
      if (event === 'candidate') this.onCandidate();
    };
  }

  private listenAsCallee(): void {
    const { caller, callee } = this;
    const offer = callee.encode('offer', caller.id, { sdp: description('offer') });
    const ownCandidates = candidates(callee, caller);
    callee.listener = (event, payload) => {
      if (event === 'call') {
        callee.accept(payload.text());
        callee.send(offer);
      }
      if (event === 'answer') callee.send(ownCandidates);
      if (event === 'candidate') this.onCandidate();
      if (event === 'endCall') this.onEnd();
    };
  }

  private onCandidate(): void {
    this.candidatesLeft -= 1;
    if (this.candidatesLeft === 0) this.caller.send(this.endCall);
  }

  private onEnd(): void {
    this.ended += 1;
    if (this.going) this.start();
    else this.over();
  }
}

function candidates(from: SocketIoPeer, to: SocketIoPeer): Buffer {
  return Buffer.concat(
    Array.from({ length: CANDIDATES }, (_, number) =>
      from.encode('candidate', to.id, { candidate: candidate(number) }),
    ),
  );
}
