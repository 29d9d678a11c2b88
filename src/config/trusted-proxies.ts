import proxyAddr from 'proxy-addr';
import type { Settings } from './settings.js';

/** Whether what the sender of that address says of others is believed; hop 0 is who connected. */
export type TrustInProxies = (address: string, hop: number) => boolean;

export function trustInProxies({ TRUST_PROXY }: Pick<Settings, 'TRUST_PROXY'>): TrustInProxies {
  return typeof TRUST_PROXY === 'number'
    ? (_, hop) => hop < TRUST_PROXY
    : proxyAddr.compile([...TRUST_PROXY]);
}
