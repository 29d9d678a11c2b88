import { PeerServer } from 'peer';

/** PeerJS as it is installed; only its cap of 5,000 connections is lifted. */
PeerServer({ port: Number(process.env.PORT), host: '127.0.0.1', concurrent_limit: 1_000_000 });
