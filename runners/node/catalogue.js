// Which runtimes this runner hosts, and how one is started.
//
// A runtime's module is imported only once that runtime is asked for: start-up is measured.

import { Job, PROTOCOL } from './job.js';
import { Record } from './serving.js';
import { Refused } from './wire.js';

const NO_LOCK = 'Node.js has no lock, and its tasks need none: each one runs alone until it awaits';
const NO_PIPES = 'Node.js has pipes only to child processes';
const UNBOUNDED = 'this needs a bounded channel, and the queues of Node.js are unbounded';
const ONE_AT_A_TIME = 'a worker runs one task at a time, so';

const COLD = 'V8 compiles at run time: later rounds and longer loads are faster';
const WHOLE_MS = 'its timer may wake up to 1 ms early, so we ask for 1 ms more: a sleep of 1 ms takes 1 to 2 ms';

// "unsupported" has the workloads that a runtime cannot run, each with the reason; "caveats" are shown wherever a figure
// is ranked.
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
      'spawn': 'an async function runs at once: each task ends before the next one starts',
      'request': COLD,
      'echo': COLD,
      'file-read': `four libuv threads read, whatever workers says; ${COLD}`,
      'cpu': COLD,
      'mixed': WHOLE_MS,
    },
    workers_default: 1,
    workers_max: 1,
  },
  'node-worker-pool': {
    model: 'a pool of worker threads with one isolate each, fed by messages',
    workloads: ['spawn', 'cpu', 'blocking'],
    unsupported: {
      'sleep': 'its workers are for CPU-bound tasks: see blocking, and node-promises',
      'hold': `${ONE_AT_A_TIME} each task would need its own isolate`,
      'yield': `${ONE_AT_A_TIME} there is no other task to yield to`,
      'ping-pong': `${ONE_AT_A_TIME} a waiting task would block its worker`,
      'request': 'its workers are for CPU-bound tasks: see node-promises',
    },
    caveats: {
      'spawn': 'its workers start before the makespan; each task is one message there and one back',
      'cpu': 'its workers start before the makespan; tasks are assigned in advance; V8 makes later rounds faster',
      'blocking': 'its workers start before the makespan; tasks are assigned in advance',
    },
    blocks_worker: true,
  },
};
const MODULES = { 'node-promises': './promises.js', 'node-worker-pool': './pool.js' };

/** The answer to `describe`. */
export function describe() {
  const common = { version: process.versions.node, language: 'javascript' };
  const runtimes = Object.entries(ABOUT).map(([name, about]) => ({ name, ...common, ...about }));
  return { protocol: PROTOCOL, program: process.execPath, runtimes };
}

/** The answer to `probe NAME`: really starts the runtime and has it run one task. */
export async function probe(runtime) {
  try {
    const fields = { protocol: PROTOCOL, runtime, workload: 'spawn', tasks: 1, workers: 1, rounds: 1 };
    const job = new Job(fields);
    const started = await start(job);
    job.tell({ seed: 7 });
    await started.tell?.();
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
