import { Module } from '@nestjs/common';
import { Backlogs } from './backlogs.js';
import { PeerMessenger } from './peer-messenger.js';

@Module({ providers: [Backlogs, PeerMessenger], exports: [Backlogs, PeerMessenger] })
export class DeliveryModule {}
