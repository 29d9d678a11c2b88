import { developmentToken } from './auth/development-token.js';
import { Settings } from './config/settings.js';

try {
  console.log(await developmentToken(Settings.from(), process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
