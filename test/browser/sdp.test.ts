import { DemoStage } from '../support/demo-page.js';
import { Peer, TRANSPORTS } from '../support/peer.js';

interface Description {
  type: string;
  sdp: string;
}

describe('what a real Chromium has to say', () => {
  const stage = DemoStage.forThisFile();

  it.each(TRANSPORTS)('passes byte for byte over %s', async (transport) => {
    const page = await stage.open('Ada');
    const { offer, answer, candidates } = await page.page.evaluate(negotiate);
    for (const part of ['m=audio', 'm=video', 'm=application', 'a=simulcast:send']) {
      expect(offer.sdp).toContain(part);
    }
    expect(candidates.length).toBeGreaterThan(3);

    const options = { transports: [transport], auth: { protocol: 2 } };
    const caller = await Peer.connect(stage.server.url, options);
    const callee = await Peer.connect(stage.server.url, options);
    const { callId } = (await caller.ask('call', { to: callee.id })) as unknown as {
      callId: string;
    };
    callee.tell('offer', { callId, sdp: offer });
    expect((await caller.next('offer')).sdp).toEqual(offer);
    for (const candidate of candidates) callee.tell('candidate', { callId, candidate });
    for (const candidate of candidates) {
      await caller.next('candidate').then((received) => {
        expect(received.candidate).toEqual(candidate);
      });
    }
    caller.tell('answer', { callId, sdp: answer });
    expect((await callee.next('answer')).sdp).toEqual(answer);
    // A renegotiation, as a bare text.
    callee.tell('offer', { callId, sdp: offer.sdp });
    expect((await caller.next('offer')).sdp).toBe(offer.sdp);
    await Promise.all([caller.close(), callee.close()]);
  });
});

/** Runs in the page: as much as one offer can hold, its candidates, and the answer to it. */
async function negotiate(): Promise<{
  offer: Description;
  answer: Description;
  candidates: (RTCIceCandidateInit | null)[];
}> {
  const [callee, caller] = [new RTCPeerConnection(), new RTCPeerConnection()];
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  for (const track of stream.getTracks()) {
    const sendEncodings =
      track.kind === 'video'
        ? [{ rid: 'h' }, { rid: 'm', scaleResolutionDownBy: 2 }, { rid: 'l', active: false }]
        : [];
    callee.addTransceiver(track, { streams: [stream], sendEncodings });
  }
  callee.createDataChannel('chat', { protocol: 'text', maxRetransmits: 3 });

  const candidates: (RTCIceCandidateInit | null)[] = [];
  const gathered = new Promise<void>((resolve) => {
    callee.onicecandidate = ({ candidate }) => {
      candidates.push(candidate?.toJSON() ?? null);
      if (candidate === null) resolve();
    };
  });
  await callee.setLocalDescription();
  const offer = callee.localDescription?.toJSON() as Description;
  await caller.setRemoteDescription(offer as RTCSessionDescriptionInit);
  await caller.setLocalDescription();
  const answer = caller.localDescription?.toJSON() as Description;
  await gathered;
  for (const connection of [callee, caller]) connection.close();
  for (const track of stream.getTracks()) track.stop();
  return { offer, answer, candidates };
}
