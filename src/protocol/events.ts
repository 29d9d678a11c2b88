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

export const END_REASONS = [
  'cancelled',
  'declined',
  'busy',
  'hangup',
  'failed',
  'timeout',
  'answered_elsewhere',
  'disconnected',
  'replaced',
  'expired',
  'shutdown',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** Whom a message is for: a socket id, or the other side of a call. With both, the call counts. */
interface Addressed {
  to?: string;
  callId?: string;
}

export interface CallAnswer {
  callId: string;
  /** `callee` when the call crossed one from the other side; the callee makes the offer. */
  role: 'caller' | 'callee';
  /** How many devices ring. */
  ringing: number;
  expiresInMs: number;
}

export interface AcceptAnswer {
  callId: string;
  /** The caller's. */
  socketId: string;
  expiresInMs: number;
}

export interface EndAnswer {
  callId: string;
  reason: EndReason;
}

/** A registered connection, as those see it who watch. */
export interface OnlinePeer {
  readonly socketId: string;
  readonly userId: string;
  readonly name: string;
  /** Accepted or connected. */
  readonly inCall: boolean;
}

export interface PresenceDiff {
  joined: OnlinePeer[];
  left: OnlinePeer[];
  changed: OnlinePeer[];
}

/** `callId` when there is a call. */
export interface Relayed {
  callId?: string;
}

/** What a client sends. */
export interface ClientEvents {
  register: (name: string, ack?: Ack<{ name: string }>) => void;
  getOnlineUsers: (ack?: Ack) => void;
  call: (call: { to: string } | { toUser: string }, ack?: Ack<CallAnswer>) => void;
  ringing: (ringing: { callId: string }, ack?: Ack) => void;
  accept: (accept: { callId: string }, ack?: Ack<AcceptAnswer>) => void;
  offer: (offer: Addressed & { sdp: Sdp }, ack?: Ack<Relayed>) => void;
  answer: (answer: Addressed & { sdp: Sdp }, ack?: Ack<Relayed>) => void;
  candidate: (
    candidate: Addressed & { candidate: IceCandidate | null },
    ack?: Ack<Relayed>,
  ) => void;
  endCall: (
    end: {
      to?: string | null;
      callId?: string;
      scope?: 'user' | 'device';
      reason?: 'busy' | 'failed';
    },
    ack?: Ack<EndAnswer>,
  ) => void;

  // From clients that said `protocol: 2` in the handshake.
  watchPresence: (ack?: Ack<{ users: OnlinePeer[] }>) => void;
  unwatchPresence: (ack?: Ack) => void;

  /** Takes the place of the token that the connection was made with. */
  refreshToken: (refresh: { token: string }, ack?: Ack<{ expiresInMs: number }>) => void;
}

/** What a client receives. Sender fields (`from`, `name`, `socketId`) are stamped by the server. */
export interface ServerEvents {
  userConnected: () => void;
  userDisconnected: (socketId: string) => void;
  onlineUsers: (users: Record<string, string>) => void;
  call: (call: {
    from: string;
    name?: string;
    userId: string;
    callId: string;
    expiresInMs: number;
  }) => void;
  offer: (offer: Relayed & { sdp: Sdp; socketId: string }) => void;
  answer: (answer: Relayed & { sdp: Sdp; socketId: string }) => void;
  candidate: (candidate: Relayed & { candidate: IceCandidate | null; socketId: string }) => void;
  endCall: (end: { callId: string; socketId?: string; reason: EndReason }) => void;
  exception: (refusal: {
    status: 'error';
    code: ErrorCode;
    message: string;
    cause: { pattern: string };
  }) => void;
  welcome: (welcome: {
    socketId: string;
    userId: string;
    protocol: 2;
    limits: Record<string, number>;
    features: string[];
  }) => void;
  ringing: (ringing: { callId: string; socketId: string }) => void;
  callAccepted: (accepted: { callId: string; socketId: string }) => void;
  presenceDiff: (diff: PresenceDiff) => void;
  tokenExpiring: (expiring: { expiresInMs: number }) => void;
  closing: (closing: { code: ErrorCode; message: string }) => void;
  draining: (draining: { reconnectAfterMs: number }) => void;
}

export type ClientEvent = keyof ClientEvents;
export type ServerEvent = keyof ServerEvents;

/** 1 is a client of the tutorial. Others say `protocol: 2` in the handshake. */
export type Protocol = 1 | 2;

/** What a client has to speak to be sent an event; `PeerMessenger` sends it to nobody else. */
export const PROTOCOL_OF: Readonly<Record<ServerEvent, Protocol>> = {
  userConnected: 1,
  userDisconnected: 1,
  onlineUsers: 1,
  call: 1,
  offer: 1,
  answer: 1,
  candidate: 1,
  endCall: 1,
  exception: 1,
  welcome: 2,
  ringing: 2,
  callAccepted: 2,
  presenceDiff: 2,
  tokenExpiring: 2,
  closing: 2,
  draining: 2,
};

/** Events that pass from one party to the other as they are. */
export type SignalEvent = 'offer' | 'answer' | 'candidate';
