import { readFileSync } from 'node:fs';
import { Controller, Get } from '@nestjs/common';
import { Settings } from '../config/settings.js';

const { name, version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { name: string; version: string };

const HERE = { live: '/health/live', ready: '/health/ready', metrics: '/metrics' };

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
    const { DEMO, MANAGEMENT_PORT } = this.settings;
    const links: Record<string, string> = { signaling: '/socket.io/' };
    if (MANAGEMENT_PORT === undefined) Object.assign(links, HERE);
    if (DEMO) links.demo = '/demo/';
    return { name, version, links };
  }
}
