import './stop-early.js';

// Loads everything else, which takes long enough to be told to stop meanwhile.
await import('./start.js');
