import { Controller, Get, Header } from '@nestjs/common';
import { Registry } from 'prom-client';
import { METRICS_INTERVAL_MS } from '../protocol/limits.js';
import { Metrics } from './metrics.js';

@Controller('metrics')
export class MetricsController {
  private rendered: Promise<string> | undefined;

  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  @Header('Cache-Control', 'no-store')
  all(): Promise<string> {
    if (this.rendered === undefined) {
      this.rendered = this.metrics.registry.metrics();
      setTimeout(() => (this.rendered = undefined), METRICS_INTERVAL_MS).unref();
    }
    return this.rendered;
  }
}
