import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  type INestApplication,
  Injectable,
  type PipeTransform,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { AckRequest } from '../delivery/ack-request.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import { directHandlers } from './direct-handlers.js';

const caught: unknown[][] = [];

@Catch()
class CatchAll implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    caught.push([error.message, host.getType(), ...host.getArgs<unknown[]>()]);
  }
}
@Catch(TypeError)
class CatchSome extends CatchAll {}

class Exclaim implements PipeTransform {
  transform(value: unknown): string {
    return `${String(value)}!`;
  }
}
class Ordinary implements PipeTransform {
  transform(value: unknown): unknown {
    return value;
  }
}
@Injectable()
class Guard {
  canActivate(): boolean {
    return true;
  }
}
@Injectable()
class Interceptor {
  intercept(_: unknown, next: { handle: () => never }): never {
    return next.handle();
  }
}

@WebSocketGateway()
@UsePipes(Exclaim)
@UseFilters(CatchAll)
class Gateway {
  private readonly mark = '?';

  @SubscribeMessage('plain') plain(_: PeerSocket, text: string): string {
    return text + this.mark;
  }
  @SubscribeMessage('later') later(_: PeerSocket, text: string): Promise<string> {
    return text === 'no!' ? Promise.reject(new Error('later')) : Promise.resolve(text);
  }
  @SubscribeMessage('throws') throws(): never {
    throw new Error('thrown');
  }
  @UseGuards(Guard) @SubscribeMessage('guarded') guarded(): void {
    throw new Error('not called');
  }
  @UseInterceptors(Interceptor) @SubscribeMessage('intercepted') intercepted(): void {
    throw new Error('not called');
  }
  @UsePipes(Ordinary) @SubscribeMessage('piped') piped(): void {
    throw new Error('not called');
  }
  @UseFilters(CatchSome) @SubscribeMessage('filtered') filtered(): void {
    throw new Error('not called');
  }
  @SubscribeMessage('decorated') decorated(@MessageBody() text: string): string {
    return text;
  }
  ordinary(): string {
    return this.mark;
  }
}

@WebSocketGateway()
class Unfiltered {
  @SubscribeMessage('plain') plain(): string {
    return 'x';
  }
}

@WebSocketGateway()
@UseFilters(CatchSome)
class PartlyFiltered extends Unfiltered {}

describe('direct handlers', () => {
  const peer = { id: 'a' } as PeerSocket;
  const request = new AckRequest(1);
  let app: INestApplication;

  const accept = (payload: unknown): unknown => (payload === 'short' ? 'cut' : undefined);
  const of = (gateway: Type<object>) =>
    directHandlers(app, app.get<object>(gateway), { pipe: Exclaim, accept });
  const run = (event: string, payload: unknown): unknown =>
    of(Gateway).get(event)?.(peer, payload, request);

  beforeEach(async () => {
    caught.length = 0;
    const providers = [Gateway, Unfiltered, PartlyFiltered];
    const module = await Test.createTestingModule({ providers }).compile();
    app = module.createNestApplication();
  });

  it('are those that Nest has nothing to wait for', () => {
    expect([...of(Gateway).keys()]).toEqual(['plain', 'later', 'throws']);
  });

  it.each([Unfiltered, PartlyFiltered])(
    'are none of %p: its errors would go nowhere',
    (gateway) => {
      expect(of(gateway).size).toBe(0);
    },
  );

  it('are none once something global has a say', () => {
    app.useGlobalPipes(new Ordinary());
    expect(of(Gateway).size).toBe(0);
  });

  it('have their pipes run, and their own gateway for this', () => {
    expect(run('plain', 'a')).toBe('a!?');
  });

  it('have a pipe run only on what cannot be had without it', () => {
    expect(run('plain', 'short')).toBe('cut?');
  });

  it('have their filter run on what they throw, with all that Nest tells it', () => {
    expect(run('throws', 'a')).toBeUndefined();
    expect(caught).toEqual([['thrown', 'ws', peer, 'a', request, 'throws']]);
  });

  it('may answer later, and fail later', async () => {
    await expect(run('later', 'a')).resolves.toBe('a!');
    await expect(run('later', 'no')).resolves.toBeUndefined();
    expect(caught).toEqual([['later', 'ws', peer, 'no', request, 'later']]);
  });
});
