import type { Ack } from './ack.js';
import type { ErrorCode } from './signaling-error.js';

/** The whole contract on one screen; docs/protocol.md says what each line means. */

/** `RTCPeerConnection.localDescription` as it serialises, or its bare text. */
export type Sdp = string | { type: string; sdp: string };

/** `RTCIceCandidate` as it serialises; `null` is the end of candidates. */
export interface IceCandidate {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}

/** What a client sends. `to` is a socket id. */
export interface ClientEvents {
  register: (name: string, ack?: Ack<{ name: string }>) => void;
  getOnlineUsers: (ack?: Ack) => void;
  call: (call: { to: string }, ack?: Ack) => void;
  offer: (offer: { to: string; sdp: Sdp }, ack?: Ack) => void;
  answer: (answer: { to: string; sdp: Sdp }, ack?: Ack) => void;
  candidate: (candidate: { to: string; candidate: IceCandidate | null }, ack?: Ack) => void;
  endCall: (end: { to: string | null }, ack?: Ack) => void;
}

/** What a client receives. Sender fields (`from`, `name`, `socketId`) are stamped by the server. */
export interface ServerEvents {
  userConnected: () => void;
  userDisconnected: (socketId: string) => void;
  onlineUsers: (users: Record<string, string>) => void;
  call: (call: { from: string; name?: string }) => void;
  offer: (offer: { sdp: Sdp; socketId: string }) => void;
  answer: (answer: { sdp: Sdp; socketId: string }) => void;
  candidate: (candidate: { candidate: IceCandidate | null; socketId: string }) => void;
  endCall: (end: { socketId: string }) => void;
  exception: (refusal: {
    status: 'error';
    code: ErrorCode;
    message: string;
    cause: { pattern: string };
  }) => void;
}

export type ClientEvent = keyof ClientEvents;
export type ServerEvent = keyof ServerEvents;
