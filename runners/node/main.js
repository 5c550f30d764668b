// The Node.js runner: `describe`, `probe NAME`, or, with no argument, serve one job on standard input.
//
// PROTOCOL.md describes the wire; promises.js and pool.js hold the workloads in their runtime's own idiom.

import { describe, probe, start } from './catalogue.js';
import { serve } from './serving.js';
import { send } from './wire.js';

const [question, ...rest] = process.argv.slice(2);

if (question === undefined) {
  await serve(start);
} else if (question === 'describe' && rest.length === 0) {
  send(describe());
} else if (question === 'probe' && rest.length === 1) {
  send(await probe(rest[0]));
} else {
  console.error('usage: main.js describe | probe NAME | (no argument: serve one job on standard input)');
  process.exitCode = 1;
}
