// What every runtime of this runner shares: the clock around each round, usage and spans.
//
// Everything here happens outside the measured region, but for the two clock readings around a round.

import { writeFileSync } from 'node:fs';

import { checksum, Job } from './job.js';
import { checkpoint, decode, readLine, ready, Refused, send, sendRefusal, waitForEndOfInput } from './wire.js';

/** Monotonic time in milliseconds, with its nanoseconds behind the point; cheaper than `hrtime`. */
export const now = performance.now.bind(performance);

const NS_PER_MS = 1e6;
const NS_PER_US = 1000;

/** What one round leaves behind. Its memory is allocated and touched before `ready`. */
export class Record {
  constructor(job) {
    /** When each task, or each beat of each task, began and ended, by index. */
    this.starts = new Float64Array(job.spans).fill(Infinity);
    this.finishes = new Float64Array(job.spans).fill(-Infinity);
    this.began = 0;
    this.ended = 0;
    this.paused = 0;
    this.returned = [];
    /** How many tasks were joined, where that is not how many values were returned. */
    this.completed = null;
  }

  /** Tells the lab that all tasks are alive, and waits for `go` with the clock stopped. */
  holding() {
    const before = now();
    if (!checkpoint('holding')) {
      process.exit(0);
    }
    this.paused += now() - before;
  }

  /** The round, as `done` reports it. A task that delivered nothing is not counted. */
  report() {
    const delivered = this.returned.filter((value) => value !== undefined);
    return {
      makespan_ns: Math.round((this.ended - this.began - this.paused) * NS_PER_MS),
      completed: this.completed ?? delivered.length,
      checksum: checksum(delivered),
    };
  }

  /** Start and finish of each span in turn, as little-endian words, nanoseconds since the round began. */
  spans() {
    const bytes = Buffer.alloc(16 * this.starts.length);
    const word = (ms) => BigInt.asUintN(64, Number.isFinite(ms) ? BigInt(Math.round(ms * NS_PER_MS)) : -1n);
    this.starts.forEach((start, span) => bytes.writeBigUInt64LE(word(start - this.began), 16 * span));
    // In `hold` every task finishes after the pause: the gate opens only then.
    const ended = (finish) => (Number.isFinite(finish) ? word(finish - this.began - this.paused) : 0n);
    this.finishes.forEach((finish, span) => bytes.writeBigUInt64LE(ended(finish), 16 * span + 8));
    return bytes;
  }
}

/** Serves one job on standard input; `start` builds the runtime for a job. */
export async function serve(start) {
  const line = readLine();
  if (line === null) {
    return;
  }
  let job, runtime;
  try {
    job = new Job(decode(line));
    runtime = await start(job);
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    sendRefusal(error);
    return;
  }
  const records = Array.from({ length: job.rounds }, () => new Record(job));
  if (!ready((fields) => job.tell(fields))) {
    await runtime.close?.();
    return;
  }
  await runtime.tell?.();
  const usage = await measure(runtime, records);
  send({ event: 'done', rounds: records.map((record) => record.report()), usage });
  waitForEndOfInput();
  await runtime.close?.();
  if (job.spansFile !== null) {
    // Only now, so that no measurement contains the writing.
    writeFileSync(job.spansFile, Buffer.concat(records.map((record) => record.spans())));
  }
}

/** Runs all rounds and returns what they used: all that is measured, and nothing else. */
async function measure(runtime, records) {
  const before = process.resourceUsage();
  for (const record of records) {
    record.began = now();
    record.returned = await runtime.run(record);
    record.ended = now();
  }
  const after = process.resourceUsage();
  const used = (name) => after[name] - before[name];
  return {
    cpu_user_ns: used('userCPUTime') * NS_PER_US,
    cpu_system_ns: used('systemCPUTime') * NS_PER_US,
    switches_voluntary: used('voluntaryContextSwitches'),
    switches_involuntary: used('involuntaryContextSwitches'),
    faults_minor: used('minorPageFault'),
    faults_major: used('majorPageFault'),
  };
}
