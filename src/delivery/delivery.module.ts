import { Module } from '@nestjs/common';
import { PeerMessenger } from './peer-messenger.js';

@Module({ providers: [PeerMessenger], exports: [PeerMessenger] })
export class DeliveryModule {}
