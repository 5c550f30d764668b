// Which runtimes this runner hosts, and how one is started.
//
// A runtime's module is imported only once that runtime is asked for: start-up is measured.

import { Job, PROTOCOL } from './job.js';
import { Record } from './serving.js';
import { Refused } from './wire.js';

const NO_LOCK = 'it has no lock, and its tasks need none: each has the thread to itself until it awaits';
const NO_PIPES = 'it has no pipes of its own but to a child process';
const UNBOUNDED = 'all its queues are unbounded, and the bound is the point';
const ONE_AT_A_TIME = 'a worker has one task at a time, so that';

const COLD = 'V8 compiles while it runs: later rounds, or a longer load, are faster';
const WHOLE_MS = 'its timer counts whole milliseconds and may wake early, so that it is asked for one more';

// "unsupported" has what one might expect of a runtime, with the reason why there is none; "caveats" what must be said
// wherever a figure is ranked.
const ABOUT = {
  'node-promises': {
    model: 'promises, one event loop on one thread (libuv, epoll)',
    workloads: [
      'sleep', 'spawn', 'hold', 'yield', 'ping-pong', 'skynet', 'request', 'echo', 'file-read', 'cpu', 'mixed',
      'blocking',
    ],
    unsupported: { 'fan-in': UNBOUNDED, 'mutex': NO_LOCK, 'brigade': NO_PIPES },
    caveats: {
      'sleep': WHOLE_MS,
      'spawn': 'an async function runs at once: each task has ended before the next begins',
      'request': COLD,
      'echo': COLD,
      'file-read': `four threads of libuv read, whatever the workers; ${COLD}`,
      'cpu': COLD,
      'mixed': WHOLE_MS,
    },
    workers_default: 1,
    workers_max: 1,
  },
  'node-worker-pool': {
    model: 'pool of worker threads with an isolate each, fed by messages',
    workloads: ['spawn', 'cpu', 'blocking'],
    unsupported: {
      'sleep': 'it is made for tasks that compute: see blocking, and the promises',
      'hold': `${ONE_AT_A_TIME} each task would be an isolate`,
      'yield': `${ONE_AT_A_TIME} there is nobody to give way to`,
      'ping-pong': `${ONE_AT_A_TIME} a task that waits would keep its worker`,
      'request': 'it is made for tasks that compute: see the promises',
    },
    caveats: {
      'spawn': 'its workers start before the makespan, and a task is a message there and one back',
      'cpu': `its workers start before the makespan, and tasks are dealt out in turn beforehand; ${COLD}`,
      'blocking': 'its workers start before the makespan, and tasks are dealt out in turn beforehand',
    },
    blocks_worker: true,
  },
};
const MODULES = { 'node-promises': './promises.js', 'node-worker-pool': './pool.js' };

/** The answer to `describe`. */
export function describe() {
  const common = { version: process.versions.node, language: 'javascript' };
  const runtimes = Object.entries(ABOUT).map(([name, about]) => ({ name, ...common, ...about }));
  return { protocol: PROTOCOL, runtimes };
}

/** The answer to `probe NAME`: really starts the runtime and has it run one task. */
export async function probe(runtime) {
  try {
    const fields = { protocol: PROTOCOL, runtime, workload: 'spawn', tasks: 1, workers: 1, rounds: 1, seed: 7 };
    const job = new Job(fields);
    const started = await start(job);
    await started.run(new Record(job));
    await started.close?.();
  } catch (error) { // Any error is the answer to a probe.
    return { available: false, reason: error.message };
  }
  return { available: true };
}

/** Builds the job's runtime: everything that comes before the first task. Throws `Refused`. */
export async function start(job) {
  const about = Object.hasOwn(ABOUT, job.runtime) ? ABOUT[job.runtime] : null;
  if (about === null) {
    throw new Refused('unsupported', `this runner hosts no runtime "${job.runtime}"`);
  }
  if (!about.workloads.includes(job.workload)) {
    const why = about.unsupported[job.workload];
    const what = why ? `${job.workload}: ${why}` : `workload ${job.workload}`;
    throw new Refused('unsupported', `${job.runtime} has no ${what}`);
  }
  if (job.workers > (about.workers_max ?? job.workers)) {
    const most = `${job.runtime} has at most ${about.workers_max} workers, not ${job.workers}`;
    throw new Refused('unsupported', most);
  }
  const { startRuntime } = await import(MODULES[job.runtime]);
  return startRuntime(job);
}
