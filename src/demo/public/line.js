/*
 * The media between two browsers: one RTCPeerConnection, its descriptions and its candidates. It knows
 * nothing of the server: it sends through `send(event, content)`, and is told what came in.
 */

/** STUN and TURN servers, for peers that are not on one network: [{ urls: 'stun:…' }]. */
const ICE_SERVERS = [];

export class Line {
  remote = new MediaStream();
  /** Candidates for a description that is not there yet. */
  #early = [];
  /** Set from our offer to its answer. */
  #offering = false;
  #offerAgain = false;
  /** What is under way: descriptions are made and taken one after the other. */
  #busy = Promise.resolve();

  /**
   * `leads`: whether ours is the offer that counts, should both make one at the same time. One side
   * has to, and the other has not.
   */
  constructor(stream, { leads, send, changed, arrived }) {
    Object.assign(this, { stream, leads, send });
    this.pc = new RTCPeerConnection({ iceServers: ICE_SERVERS });
    for (const track of stream.getTracks()) this.pc.addTrack(track, stream);
    this.pc.onconnectionstatechange = changed;
    this.pc.onicecandidate = ({ candidate }) => send('candidate', { candidate });
    this.pc.ontrack = ({ track }) => {
      this.remote.addTrack(track);
      // It stays ours while the other side sends nothing, and must not show its last picture then.
      track.onmute = () => this.remote.removeTrack(track);
      track.onunmute = () => this.remote.addTrack(track);
      arrived();
    };
  }

  close() {
    this.pc.close();
  }

  /** The first offer opens the media; later ones change what is running, from either side. */
  offer() {
    return this.#inTurn(() => this.#offer());
  }

  /** What the other side offered or answered. */
  take(type, sdp) {
    return this.#inTurn(async () => {
      const crossed = type === 'offer' && this.#offering;
      if (crossed && this.leads) return;
      // Ours gives way, which the browser does by itself, and comes back once theirs is settled.
      if (crossed) this.#offerAgain = true;
      this.#offering = false;
      // Other clients may send the bare text of a description.
      await this.pc.setRemoteDescription(typeof sdp === 'string' ? { type, sdp } : sdp);
      this.#early.splice(0).forEach((candidate) => this.addCandidate(candidate));
      if (type === 'offer') await this.#describe();
      if (this.#offerAgain) await this.#offer();
    });
  }

  /** One useless candidate does not end a call: others may connect it. */
  addCandidate(candidate) {
    if (!this.pc.remoteDescription) return void this.#early.push(candidate);
    const useless = ({ message }) => console.warn('Useless candidate:', message);
    this.pc.addIceCandidate(candidate).catch(useless);
  }

  /** Sends this track, or nothing, in place of what was sent; asks the other side only if it must. */
  replace(kind, track) {
    return this.#inTurn(async () => {
      const transceiver = this.#transceiver(kind);
      if (transceiver) {
        await transceiver.sender.replaceTrack(track);
        if (track) transceiver.sender.setStreams?.(this.stream);
        const sending = transceiver.currentDirection?.includes('send') ?? false;
        if (sending === Boolean(track)) return;
        transceiver.direction = track ? 'sendrecv' : 'recvonly';
      } else if (track) this.pc.addTrack(track, this.stream);
      if (this.#offering) this.#offerAgain = true;
      else await this.#offer();
    });
  }

  #inTurn(act) {
    const done = this.#busy.then(act);
    this.#busy = done.catch(() => {});
    return done;
  }

  async #offer() {
    // What we cannot send we can still receive, if the offer has a place for it.
    for (const kind of ['audio', 'video']) {
      if (!this.#transceiver(kind)) this.pc.addTransceiver(kind, { direction: 'recvonly' });
    }
    this.#offering = true;
    this.#offerAgain = false;
    await this.#describe();
  }

  async #describe() {
    await this.pc.setLocalDescription();
    const { localDescription } = this.pc;
    this.send(localDescription.type, { sdp: localDescription });
  }

  #transceiver(kind) {
    return this.pc.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
  }
}
