// What one trial is to run, as the wire says it, and which jobs make no sense.

import { blockOffset, splitmix64, wrap } from './arithmetic.js';
import { Refused } from './wire.js';

export const PROTOCOL = 2;

// The workloads that some runtime here has; their parameters and defaults as in
// /crates/protocol/src/workload.rs.
const PARAMS = {
  'sleep': { duration_ns: 1_000_000, jitter_ns: 0 },
  'spawn': {},
  'hold': {},
  'yield': { times: 100 },
  'ping-pong': { times: 100 },
  'skynet': {},
  'request': { duration_ns: 1_000_000 },
  'echo': { duration_ns: 200_000_000, message_bytes: 100, rate_per_second: 0 },
  'file-read': { times: 100, file_bytes: 64 << 20, io: 0 },
  'cpu': { steps: 1000, kernel: 0 },
  'mixed': { duration_ns: 1_000_000, times: 50, burners: 2, slices: 50, slice_ns: 1_000_000, policy: 0 },
  'blocking': { duration_ns: 1_000_000, call: 0 },
};
const AT_LEAST_ONE = ['times', 'burners', 'slices'];
const CHOICES = {
  kernel: ['integer', 'sha256'], policy: ['yield', 'hog'], call: ['naive', 'escape'], io: ['cached', 'direct'],
};
const WITHOUT_SPANS = ['spawn', 'yield', 'ping-pong', 'skynet', 'echo'];

// Values of the parameters `policy`, `call` and `io`.
export const YIELD = 0;
export const ESCAPE = 1;
export const DIRECT = 1;

/** What one trial is to run. What a task returns is known only after `tell`, which is after `ready`. */
export class Job {
  /** From the decoded job line; throws `Refused` where it makes no sense. */
  constructor(fields) {
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
      throw new Refused('protocol-error', 'the job is not a JSON object');
    }
    if (fields.protocol !== PROTOCOL) {
      const asked = JSON.stringify(fields.protocol);
      throw new Refused('protocol-error', `the job uses protocol ${asked}; this runner supports ${PROTOCOL}`);
    }
    this.runtime = text(fields, 'runtime');
    this.workload = text(fields, 'workload');
    this.tasks = integer(fields, 'tasks', 1);
    this.workers = integer(fields, 'workers', 1);
    this.rounds = integer(fields, 'rounds', 1);
    this.params = fields.params ?? {};
    if (typeof this.params !== 'object' || Array.isArray(this.params)) {
      throw new Refused('protocol-error', 'the job\'s "params" is not an object');
    }
    Object.keys(this.params).forEach((name) => integer(this.params, name, 0));
    this.spansFile = fields.spans_file == null ? null : text(fields, 'spans_file');
    this.#checkParams();
  }

  /** Takes what the first `go` brings; throws `Refused` where that makes no sense. */
  tell(fields) {
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
      throw new Refused('protocol-error', 'go brings no JSON object');
    }
    /** Tokens are numbers, as they are cheap: the protocol keeps seeds so low that all of them are exact. */
    this.seed = integer(fields, 'seed', 0);
    /** Where the origin of `request` listens. */
    this.origin = this.workload === 'request' ? address(fields, 'origin') : null;
    /** The file of `file-read`. */
    this.file = this.workload === 'file-read' ? text(fields, 'file') : null;
  }

  /** A parameter of the workload; its default where the job does not give it. */
  param(name) {
    return this.params[name] ?? PARAMS[this.workload]?.[name] ?? 0;
  }

  /** How many spans a round records. */
  get spans() {
    if (WITHOUT_SPANS.includes(this.workload)) {
      return 0;
    }
    return this.tasks * (this.workload === 'mixed' ? this.param('times') : 1);
  }

  /** How long each task of `sleep` is to sleep, nanoseconds: `sleep_ns` of /crates/protocol/src/proof.rs. */
  sleeps() {
    const [duration, jitter] = [this.param('duration_ns'), this.param('jitter_ns')];
    const share = (task) => Number(splitmix64(BigInt(this.seed + task)) % BigInt(jitter + 1));
    return Array.from({ length: this.tasks }, (_, task) => duration + (jitter > 0 ? share(task) : 0));
  }

  /** Where in the file each read of each task begins, bytes. */
  offsets() {
    const times = this.param('times');
    const blocks = BigInt(Math.floor(this.param('file_bytes') / 4096));
    const at = (_, read) => blockOffset(this.seed, Math.floor(read / times), read % times, blocks);
    return Float64Array.from({ length: this.tasks * times }, at);
  }

  #checkParams() {
    for (const name of Object.keys(PARAMS[this.workload] ?? {})) {
      const value = this.param(name);
      if (AT_LEAST_ONE.includes(name) && value === 0) {
        throw new Refused('protocol-error', `${name} = 0: ${this.workload} needs at least 1`);
      }
      if (name in CHOICES && value >= CHOICES[name].length) {
        throw new Refused('protocol-error', `${name} = ${value}: it is one of ${CHOICES[name].join(', ')}`);
      }
    }
    if (this.workload === 'ping-pong' && this.tasks % 2 !== 0) {
      throw new Refused('protocol-error', `${this.tasks} tasks: ping-pong runs pairs of tasks; give an even number`);
    }
  }
}

/** The wrapping sum, as text, of what tasks returned: numbers and big integers. */
export function checksum(returned) {
  return wrap(returned.reduce((sum, value) => sum + BigInt(value), 0n)).toString();
}

function text(fields, name) {
  const value = fields[name];
  if (typeof value !== 'string') {
    throw new Refused('protocol-error', `"${name}" is ${JSON.stringify(value)}, not a string`);
  }
  return value;
}

function integer(fields, name, least) {
  const value = fields[name];
  if (!Number.isSafeInteger(value) || value < least) {
    const reason = `"${name}" is ${JSON.stringify(value)}, not a number from ${least} to 2^53`;
    throw new Refused('protocol-error', reason);
  }
  return value;
}

function address(fields, name) {
  const [, host, port] = text(fields, name).match(/^\[?([^\]]+)\]?:(\d+)$/) ?? [];
  if (host === undefined) {
    throw new Refused('protocol-error', `"${name}" is "${fields[name]}", not HOST:PORT`);
  }
  return { host, port: Number(port) };
}
