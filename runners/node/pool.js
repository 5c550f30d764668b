// node-worker-pool: a pool of worker threads, each with an isolate and an event loop of its own.
//
// The idiom of the documentation of `node:worker_threads`: workers are started once, tasks go to them by
// `postMessage` and results come back by it, and "for CPU-intensive JavaScript operations" alone. Node.js has no
// pool of its own; this is the small one that its documentation advises to write. What a worker needs of
// the job goes along once, as its `workerData`, and the seed when it comes, with `go`.
//
// Setting: `workers`, one a core by default. They are started, and each has answered, before `ready`.
//
// What could mislead: a task is a message there and one back, each of them copied ("structured clone") and each
// a turn of an event loop: for a task that does nothing that is all there is. Tasks are dealt out in turn
// beforehand, and not as workers become free.

import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { ESCAPE } from './job.js';
import { Refused } from './wire.js';

const MOST_A_CORE = 64; // An isolate takes some 5 MiB, and a thread.
const NS_PER_MS = 1e6;

export async function startRuntime(job) {
  const most = MOST_A_CORE * availableParallelism();
  if (job.workers > most) {
    throw new Refused('unsupported', `${job.workers} workers would need as many isolates; ask for at most ${most}`);
  }
  if (job.workload === 'blocking' && job.param('call') === ESCAPE) {
    throw new Refused('unsupported', 'call = escape: its workers are meant to block; ask for call = naive');
  }
  const facts = {
    workload: job.workload, steps: job.param('steps'), kernel: job.param('kernel'),
    durationMs: job.param('duration_ns') / NS_PER_MS,
  };
  const workers = Array.from({ length: job.workers }, () => (
    new Worker(new URL('./worker.js', import.meta.url), { workerData: facts })
  ));
  await Promise.all(workers.map((worker) => once(worker, 'message'))); // Each says that it is there.
  return {
    // Each answers, so that none is still about it when the round begins.
    tell: () => Promise.all(workers.map((worker) => {
      worker.postMessage({ seed: job.seed });
      return once(worker, 'message');
    })),
    run: (record) => run(workers, job.tasks, record),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}

function run(workers, tasks, record) {
  // The clock of `record` is this thread's own; the one that threads have in common is `hrtime`.
  const began = process.hrtime.bigint();
  const at = (time) => record.began + Number(time - began) / NS_PER_MS;
  const returned = new Array(tasks);
  let missing = tasks;
  return new Promise((resolve, reject) => {
    function collect([index, result, start, finish]) {
      returned[index] = result;
      if (start !== undefined) {
        record.starts[index] = at(start);
        record.finishes[index] = at(finish);
      }
      missing -= 1;
      if (missing === 0) {
        resolve(returned);
      }
    }
    for (const worker of workers) {
      worker.removeAllListeners('message').removeAllListeners('error');
      worker.on('message', collect).on('error', reject);
    }
    for (let index = 0; index < tasks; index++) {
      workers[index % workers.length].postMessage(index);
    }
  });
}
