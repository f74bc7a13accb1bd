#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { program } from '../index.js';

const simulator = spawn(program(), process.argv.slice(2), { stdio: 'inherit' });
// The simulator stops in order, and this with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => simulator.kill(signal));
simulator.on('error', (error) => {
  console.error(`handover-sim: ${error.message}`);
  process.exit(1);
});
simulator.on('exit', (code) => process.exit(code ?? 1));
