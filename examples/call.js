/*
 * Both sides of a call over Switchboard, with the stock Socket.IO client and what every browser has.
 * The side that is called makes the offer, which accepts the call.
 *
 * Answers are taken in callbacks: after `await socket.emitWithAck('call', …)` the next event may have
 * been handled already, and it needs the id that the answer brings.
 */

/** Goes online as `name`. The others see and hear `stream`; `page` is told what happens. */
export function phone({ socket, name, stream, page }) {
  const people = new Map(); // who is online, ourselves included, by socket id
  let call = null; // the one we have, from its first ring on: { id, userId, rings, pc, early }
  const isOurs = (callId) => call !== null && call.id === callId;

  // At every connect: after a reconnect we are somebody new, whom nobody knows.
  socket.on('connect', () => {
    people.clear();
    socket.emit('register', name, (reply) => reply.ok || page.problem(reply.error.message));
    socket.emit('watchPresence', ({ users = [] }) => update({ joined: users }));
  });
  socket.on('presenceDiff', update);
  socket.on('disconnect', () => end('the connection was lost'));
  socket.on('connect_error', ({ message }) => page.problem(message));
  socket.on('exception', ({ message }) => page.problem(message)); // refused, and had no callback

  function update({ joined = [], changed = [], left = [] }) {
    for (const { socketId } of left) people.delete(socketId);
    for (const user of [...joined, ...changed]) people.set(user.socketId, user);
    page.people([...people.values()].filter(({ socketId }) => socketId !== socket.id));
  }

  function dial(userId) {
    if (call || !socket.connected) return;
    const mine = begin({ userId });
    socket.emit('call', { toUser: userId }, (reply) => {
      if (call !== mine) return;
      if (!reply.ok) return end(reply.error.message);
      mine.id = reply.callId;
      if (reply.role === 'callee') negotiate(mine); // they called us, too: one call, our offer
    });
  }
  socket.on('call', ({ callId, userId, name = 'Somebody' }) => {
    if (call?.userId === userId) return; // we called them, too: the answer to that goes on with it
    if (call) return socket.emit('endCall', { callId, scope: 'device', reason: 'busy' });
    begin({ userId, id: callId, rings: true });
    socket.emit('ringing', { callId });
    page.rings(name);
  });
  function accept() {
    if (!call?.rings) return;
    call.rings = false;
    negotiate(call);
  }

  /** With a connection of its own: one that has been through another call cannot be used again. */
  function begin(mine) {
    const pc = new RTCPeerConnection({ iceServers: [] }); // STUN and TURN, beyond one network
    for (const track of stream.getTracks()) pc.addTrack(track, stream);
    pc.ontrack = ({ streams }) => page.remote(streams[0]);
    pc.onicecandidate = ({ candidate }) => socket.emit('candidate', { callId: mine.id, candidate });
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === 'failed') hangUp('no way through the network', 'failed');
    };
    return (call = Object.assign(mine, { pc, early: [] }));
  }

  /** Takes what they describe, if they were first, and sends our offer, or the answer to theirs. */
  async function negotiate(mine, theirs) {
    try {
      if (theirs) await mine.pc.setRemoteDescription(theirs);
      if (theirs) mine.early.splice(0).forEach((candidate) => addCandidate(mine, candidate));
      if (theirs?.type === 'answer') return;
      await mine.pc.setLocalDescription();
      const sdp = mine.pc.localDescription;
      socket.emit(sdp.type, { callId: mine.id, sdp }, (reply) => {
        if (call === mine && !reply.ok) hangUp(reply.error.message);
      });
    } catch (error) {
      if (call === mine) hangUp(error.message, 'failed');
    }
  }
  socket.on('offer', ({ callId, sdp }) => isOurs(callId) && negotiate(call, sdp));
  socket.on('answer', ({ callId, sdp }) => isOurs(callId) && negotiate(call, sdp));
  socket.on(
    'candidate',
    ({ callId, candidate }) => isOurs(callId) && addCandidate(call, candidate),
  );
  function addCandidate({ pc, early }, candidate) {
    if (pc.remoteDescription) pc.addIceCandidate(candidate).catch(console.warn);
    else early.push(candidate); // it was faster than the description that it belongs to
  }

  /** Cancels, declines or hangs up: the server knows which. */
  function hangUp(words = 'you ended it', reason) {
    if (!call) return;
    // Until the answer to `call` has brought its id, the other side says which call is meant.
    socket.emit('endCall', { callId: call.id, to: call.userId, reason });
    end(words);
  }
  socket.on('endCall', ({ callId, reason }) => isOurs(callId) && end(reason));
  function end(words) {
    if (!call) return;
    call.pc.close();
    call = null;
    page.ended(words);
  }

  return { dial, accept, hangUp };
}
