/** What browsers send: an SDP of 3 KB, and candidates of 220 bytes, no two of them alike. */

const SDP_BYTES = 3_000;

export type Description = 'offer' | 'answer';

export interface IceCandidate {
  candidate: string;
  sdpMid: string;
  sdpMLineIndex: number;
  usernameFragment: string;
}

export function description(type: Description): { type: Description; sdp: string } {
  const lines = [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 102 121 127',
    'c=IN IP4 0.0.0.0',
    'a=ice-ufrag:Ab3d',
    'a=ice-pwd:asd88fgpdd777uzjYhagZg',
    'a=setup:actpass',
  ];
  for (let payloadType = 96; lines.join('\r\n').length < SDP_BYTES - 60; payloadType += 1) {
    lines.push(`a=rtpmap:${payloadType} VP8/90000`, `a=rtcp-fb:${payloadType} transport-cc`);
  }
  return { type, sdp: `${lines.join('\r\n')}\r\n` };
}

export function candidate(number: number): IceCandidate {
  return {
    candidate:
      `candidate:842163${number} 1 udp 1677729535 203.0.113.45 ${51_000 + number} ` +
      'typ srflx raddr 192.168.1.23 rport 51234 generation 0 ufrag Ab3d network-id 1',
    sdpMid: '0',
    sdpMLineIndex: 0,
    usernameFragment: 'Ab3d',
  };
}
