import 'reflect-metadata';
import { Module, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { Socket } from 'socket.io';

/** The tutorial's protocol in a gateway as the Nest documentation writes one. */

class CallDto {
  @IsString() to!: string;
}

class SessionDescriptionDto {
  @IsIn(['offer', 'answer']) type!: string;
  @IsString() sdp!: string;
}

class DescriptionDto {
  @IsString() to!: string;
  @ValidateNested() @Type(() => SessionDescriptionDto) sdp!: SessionDescriptionDto;
}

class IceCandidateDto {
  @IsString() candidate!: string;
  @IsOptional() @IsString() sdpMid?: string | null;
  @IsOptional() @IsInt() sdpMLineIndex?: number | null;
  @IsOptional() @IsString() usernameFragment?: string | null;
}

class CandidateDto {
  @IsString() to!: string;
  @ValidateNested() @Type(() => IceCandidateDto) candidate!: IceCandidateDto;
}

@WebSocketGateway({ cors: { origin: '*' } })
class SignalingGateway implements OnGatewayConnection, OnGatewayDisconnect {
  private readonly connectedUsers = new Map<string, string | undefined>();

  handleConnection(socket: Socket): void {
    this.connectedUsers.set(socket.id, undefined);
  }

  handleDisconnect(socket: Socket): void {
    if (this.connectedUsers.get(socket.id)) socket.broadcast.emit('userDisconnected', socket.id);
    this.connectedUsers.delete(socket.id);
  }

  @SubscribeMessage('register')
  register(@ConnectedSocket() socket: Socket, @MessageBody() name: string): void {
    this.connectedUsers.set(socket.id, name);
    socket.broadcast.emit('userConnected');
  }

  @SubscribeMessage('getOnlineUsers')
  getOnlineUsers(@ConnectedSocket() socket: Socket): void {
    socket.emit('onlineUsers', Object.fromEntries(this.connectedUsers));
  }

  @SubscribeMessage('call')
  call(@ConnectedSocket() socket: Socket, @MessageBody() { to }: CallDto): void {
    socket.to(to).emit('call', { from: socket.id, name: this.connectedUsers.get(socket.id) });
  }

  @SubscribeMessage('offer')
  offer(@ConnectedSocket() socket: Socket, @MessageBody() { to, sdp }: DescriptionDto): void {
    socket.to(to).emit('offer', { sdp, socketId: socket.id });
  }

  @SubscribeMessage('answer')
  answer(@ConnectedSocket() socket: Socket, @MessageBody() { to, sdp }: DescriptionDto): void {
    socket.to(to).emit('answer', { sdp, socketId: socket.id });
  }

  @SubscribeMessage('candidate')
  candidate(
    @ConnectedSocket() socket: Socket,
    @MessageBody() { to, candidate }: CandidateDto,
  ): void {
    socket.to(to).emit('candidate', { candidate });
  }

  @SubscribeMessage('endCall')
  endCall(@ConnectedSocket() socket: Socket, @MessageBody() { to }: CallDto): void {
    socket.to(to).emit('endCall');
  }
}

@Module({ providers: [SignalingGateway] })
class AppModule {}

const app = await NestFactory.create(AppModule);
app.useGlobalPipes(new ValidationPipe({ whitelist: true }));
app.useWebSocketAdapter(new IoAdapter(app));
await app.listen(Number(process.env.PORT), '127.0.0.1');
