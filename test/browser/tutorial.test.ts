import { type DemoPage, DemoStage } from '../support/demo-page.js';

/** What the tutorial's reader ends up with: no version, no ids of calls, no acknowledgements. */
const TUTORIAL_CLIENT = `
  const say = (words) => (document.querySelector('#status').textContent = words);
  let pc = null;
  let partner = null;

  const start = (url, name) => {
    const socket = io(url);
    socket.emit('register', name);
    socket.emit('getOnlineUsers');

    const openPeer = async (to) => {
      partner = to;
      pc = new RTCPeerConnection();
      pc.onicecandidate = ({ candidate }) => socket.emit('candidate', { to: partner, candidate });
      pc.ontrack = ({ streams }) => (document.querySelector('#remote-video').srcObject = streams[0]);
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      for (const track of stream.getTracks()) pc.addTrack(track, stream);
    };
    const reset = () => {
      pc?.close();
      pc = null;
      partner = null;
    };

    socket.on('onlineUsers', (users) => (window.users = users));
    socket.on('userConnected', () => socket.emit('getOnlineUsers'));
    socket.on('call', async ({ from, name }) => {
      say(name + ' is calling');
      await openPeer(from);
      const offer = await pc.createOffer();
      await pc.setLocalDescription(offer);
      socket.emit('offer', { to: from, sdp: offer });
    });
    socket.on('offer', async ({ sdp, socketId }) => {
      await pc.setRemoteDescription(sdp);
      const answer = await pc.createAnswer();
      await pc.setLocalDescription(answer);
      socket.emit('answer', { to: socketId, sdp: answer });
    });
    socket.on('answer', ({ sdp }) => pc.setRemoteDescription(sdp));
    socket.on('candidate', ({ candidate }) => pc.addIceCandidate(candidate));
    socket.on('endCall', () => {
      reset();
      say('the call is over');
    });

    window.dial = async (name) => {
      const to = Object.keys(window.users).find((id) => window.users[id] === name);
      await openPeer(to);
      socket.emit('call', { to });
    };
    window.hangUp = () => {
      socket.emit('endCall', { to: partner });
      reset();
    };
  };`;

describe('the demo page and a client of the tutorial', () => {
  const stage = DemoStage.forThisFile();
  let ada: DemoPage;
  let tim: DemoPage;

  beforeEach(async () => {
    [ada] = await stage.enter('Ada');
    tim = await stage.host('Tim', TUTORIAL_CLIENT, `start('${stage.server.url}', 'Tim');`);
    await ada.page.locator('#users li', { hasText: 'Tim' }).waitFor();
  });

  const expectMediaBothWays = async (): Promise<void> => {
    await ada.reaches('connected');
    await Promise.all([ada.receives('audio', 'video'), tim.receives('audio', 'video')]);
  };

  it('talk when the demo page calls, until it hangs up', async () => {
    await ada.call(tim);
    await expectMediaBothWays();
    await ada.press('hang-up');
    await tim.says(/the call is over/);
    await ada.reaches('idle');
  });

  it('talk when the client of the tutorial calls, until that hangs up', async () => {
    await tim.page.waitForFunction(`Object.values(window.users ?? {}).includes('Ada')`);
    await tim.page.evaluate(`dial('Ada')`);
    await ada.reaches('incoming');
    await ada.press('accept');
    await expectMediaBothWays();
    await tim.page.evaluate(`hangUp()`);
    await ada.says(/Tim hung up/);
  });

  it('decline and cancel like everybody else', async () => {
    await tim.page.waitForFunction(`Object.values(window.users ?? {}).includes('Ada')`);
    await tim.page.evaluate(`dial('Ada')`);
    await ada.reaches('incoming');
    await ada.press('decline');
    await tim.says(/the call is over/);

    await tim.page.evaluate(`dial('Ada')`);
    await ada.reaches('incoming');
    await tim.page.evaluate(`hangUp()`);
    await ada.says(/Tim cancelled: you missed the call/);
    await ada.reaches('idle');
  });
});
