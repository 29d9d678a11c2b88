import { Global, Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { PacketWriter } from '../delivery/packet-writer.js';
import { DirectWriter } from './direct-writer.js';
import { FastPath } from './fast-path.js';

/** Global, since those who write packets are not to know how they are written. */
@Global()
@Module({
  imports: [DeliveryModule],
  providers: [
    FastPath,
    DirectWriter,
    {
      provide: PacketWriter,
      inject: [Settings, DirectWriter],
      useFactory: ({ FAST_PATH }: Settings, direct: DirectWriter) =>
        FAST_PATH ? direct : new PacketWriter(),
    },
  ],
  exports: [FastPath, PacketWriter],
})
export class FastPathModule {}
