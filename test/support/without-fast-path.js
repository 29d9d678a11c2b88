import process from 'node:process';

// For `startApp`: the applications of these tests take no short cuts.
process.env.FAST_PATH = 'off';
