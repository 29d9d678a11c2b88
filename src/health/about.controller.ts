import { readFileSync } from 'node:fs';
import { Controller, Get } from '@nestjs/common';
import { Settings } from '../config/settings.js';

const { name, version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { name: string; version: string };

interface About {
  name: string;
  version: string;
  links: Record<string, string>;
}

@Controller()
export class AboutController {
  constructor(private readonly settings: Settings) {}

  @Get()
  about(): About {
    const demo: Record<string, string> = this.settings.DEMO ? { demo: '/demo/' } : {};
    return {
      name,
      version,
      links: { signaling: '/socket.io/', live: '/health/live', ready: '/health/ready', ...demo },
    };
  }
}
