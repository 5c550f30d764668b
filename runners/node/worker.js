// A worker of node-worker-pool: does what comes, one task after the other.

import { parentPort, workerData } from 'node:worker_threads';

import { integerKernel, SHA256, sha256Kernel } from './arithmetic.js';

const { workload, steps, kernel, durationMs } = workerData;
const now = process.hrtime.bigint;
const compute = kernel === SHA256 ? sha256Kernel(steps) : integerKernel(steps);
let seed; // comes before the first task
const nobody = new Int32Array(new SharedArrayBuffer(4)); // wakes it

const WORKLOADS = {
  spawn: (index) => [index, seed + index],
  cpu: (index) => {
    const start = now();
    const result = compute(seed + index);
    return [index, result, start, now()];
  },
  blocking: (index) => {
    const start = now();
    Atomics.wait(nobody, 0, 0, durationMs);
    return [index, seed + index, start, now()];
  },
};
const task = WORKLOADS[workload];

parentPort.once('message', (known) => {
  seed = known.seed;
  parentPort.on('message', (index) => parentPort.postMessage(task(index)));
  parentPort.postMessage('told');
});
parentPort.postMessage('here');
