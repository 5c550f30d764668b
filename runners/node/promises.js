// node-promises: promises on Node.js's event loop, one thread.
//
// The idiom of Node.js's documentation: async functions, called to start them and joined by `Promise.all`;
// `node:timers/promises` to wait, `events.once` and `events.on` to wait for messages. Nothing is preempted: between
// two awaits a function has the thread to itself, so counting arrivals needs no lock.
//
// Documented settings: none. `workers` is 1; beside the loop there are V8's own threads, which collect garbage
// and compile, and from the first read of a file on libuv's four.
//
// What could mislead:
// - **Timers have a grain of 1 ms, and may wake early.** libuv's clock is cut to whole milliseconds. A timer of
//   n ms that was set at 10.9 ms is set at 10, and due at 10 + n: after n - 0.9 ms. So `setTimeout(1)` may come
//   back at once, and a program that promises to wait *at least* so long asks for one millisecond more, which
//   `atLeast` does here; a sleep of 1 ms takes 1 to 2 ms, as on tokio, whose timer rounds up in the same way.
// - An async function runs at once, up to its first await: a task of `spawn` has ended before the next begins.
// - Round 0 runs in V8's interpreter; the later ones find compiled code.

import { once, on, EventEmitter } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

import { blockSum, burnSlice, kernelOf, pack } from './arithmetic.js';
import { DIRECT, ESCAPE, YIELD } from './job.js';
import { now } from './serving.js';
import { Refused, send } from './wire.js';

const NS_PER_MS = 1e6;
const LONGEST_TIMER_MS = 2 ** 31 - 1; // Longer ones are cut to 1 ms.
const BACKLOG = 4096;
const FAN_OUT = 10;
const OPENS_FILES = ['request', 'echo', 'file-read']; // one a task

/** What to ask a timer for so that it waits at least so many nanoseconds: see above. */
const atLeast = (ns) => Math.ceil(ns / NS_PER_MS) + 1;

async function sleep({ tasks, seed, timers }, { starts, finishes }) {
  async function task(index) {
    starts[index] = now();
    await wait(timers[index]);
    finishes[index] = now();
    return seed + index;
  }

  return all(tasks, task);
}

async function spawn({ tasks, seed }) {
  async function task(index) {
    return seed + index;
  }

  return all(tasks, task);
}

async function hold({ tasks, seed }, record) {
  const { starts, finishes } = record;
  const [everyoneIsHere, release] = [deferred(), deferred()];
  let arrived = 0;

  async function task(index) {
    starts[index] = now();
    arrived += 1;
    if (arrived === tasks) {
      everyoneIsHere.resolve();
    }
    await release.promise;
    finishes[index] = now();
    return seed + index;
  }

  const results = all(tasks, task);
  await everyoneIsHere.promise;
  record.holding(); // Blocks the loop on purpose: nothing else may run meanwhile.
  release.resolve();
  return results;
}

// `setImmediate`, which runs again after the loop has checked timers and sockets. `await null` gives
// way to other promises alone, and starves those.
async function giveWay({ tasks, seed, times }) {
  async function task(index) {
    let given = 0;
    for (; given < times; given++) {
      await nextTurn();
    }
    return seed + index + given;
  }

  return all(tasks, task);
}

// `events.on` is the queue of the standard library: an unbounded one, but only who has the ball sends.
async function pingPong({ tasks, seed, times }) {
  async function first(pair, there, back) {
    const inbox = on(back, 'ball');
    let ball = seed + pair;
    for (let hop = 0; hop < times; hop++) {
      there.emit('ball', ball);
      ball = await receive(inbox) + 1;
    }
    return ball;
  }

  async function second(there, back) {
    const inbox = on(there, 'ball');
    let ball = 0;
    for (let hop = 0; hop < times; hop++) {
      ball = await receive(inbox) + 1;
      back.emit('ball', ball);
    }
    return ball;
  }

  const results = [];
  for (let pair = 0; pair < tasks / 2; pair++) {
    const [there, back] = [new EventEmitter(), new EventEmitter()];
    results.push(second(there, back)); // Who listens has to be there first.
    results.push(first(pair, there, back));
  }
  return Promise.all(results);
}

async function receive(inbox) {
  const { value: [ball] } = await inbox.next();
  return ball;
}

async function skynet({ tasks, seed }, record) {
  async function node(first, leaves) {
    if (leaves === 1) {
      return { nodes: 1, sum: BigInt(seed + first) };
    }
    const count = Math.min(leaves, FAN_OUT);
    const [share, larger] = [Math.floor(leaves / count), leaves % count];
    const edge = (child) => first + share * child + Math.min(larger, child);
    const child = (_, child) => node(edge(child), edge(child + 1) - edge(child));
    const children = await Promise.all(Array.from({ length: count }, child));
    return children.reduce(
      (own, child) => ({ nodes: own.nodes + child.nodes, sum: own.sum + child.sum }), { nodes: 1, sum: 0n },
    );
  }

  const { nodes, sum } = await node(0, tasks);
  record.completed = nodes;
  return [sum];
}

async function request({ tasks, seed, origin }, { starts, finishes }) {
  async function task(index) {
    starts[index] = now();
    const socket = connect({ ...origin, noDelay: true });
    socket.write(pack(seed + index));
    const reply = await receiveBytes(socket, 8);
    finishes[index] = now();
    socket.destroy();
    return reply.readBigUInt64LE();
  }

  return all(tasks, task);
}

/** The first bytes that come, by the events of the socket. */
function receiveBytes(socket, count) {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= count) {
        resolve(received);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the origin hung up after ${received.length} of ${count} bytes`)));
  });
}

// A stream is piped into itself, as in the documentation of `net`; the socket counts its bytes by itself.
async function echo({ tasks, seed }) {
  async function task(index, socket) {
    socket.pipe(socket);
    await once(socket, 'close');
    return seed + index + socket.bytesWritten;
  }

  const server = createServer({ noDelay: true });
  server.listen({ host: '127.0.0.1', port: 0, backlog: Math.max(tasks, BACKLOG) });
  await once(server, 'listening');
  const connections = on(server, 'connection');
  send({ event: 'serving', address: `127.0.0.1:${server.address().port}` });
  const results = [];
  for await (const [socket] of connections) {
    results.push(task(results.length, socket));
    if (results.length === tasks) {
      break;
    }
  }
  server.close();
  return Promise.all(results);
}

async function fileRead({ tasks, times, file, offsets }, { starts, finishes }) {
  async function task(index) {
    starts[index] = now();
    const handle = await open(file);
    const block = Buffer.alloc(4096);
    let sum = 0n;
    for (let read = index * times; read < (index + 1) * times; read++) {
      const { bytesRead } = await handle.read(block, 0, block.length, offsets[read]);
      if (bytesRead < block.length) {
        throw new Error(`${bytesRead} of ${block.length} bytes read`);
      }
      sum += blockSum(block);
    }
    await handle.close();
    finishes[index] = now();
    return sum;
  }

  return all(tasks, task);
}

async function cpu({ tasks, seed, compute }, { starts, finishes }) {
  async function task(index) {
    starts[index] = now();
    const result = compute(seed + index);
    finishes[index] = now();
    return result;
  }

  return all(tasks, task);
}

async function mixed({ tasks, seed, times, timer, burners, slices, sliceNs, yields }, { starts, finishes }) {
  async function heartbeat(index) {
    let tokens = 0n; // The sum of some tokens may be beyond what a number holds exactly.
    for (let beat = index * times; beat < (index + 1) * times; beat++) {
      starts[beat] = now();
      await wait(timer);
      finishes[beat] = now();
      tokens += BigInt(seed + beat);
    }
    return tokens;
  }

  async function burner(index) {
    let burnt = 0;
    for (; burnt < slices; burnt++) {
      burnSlice(sliceNs);
      if (yields) {
        await nextTurn();
      }
    }
    return seed + tasks * times + index + burnt;
  }

  const heartbeats = all(tasks, heartbeat);
  const burning = all(burners, burner);
  return [...await heartbeats, ...await burning];
}

async function blocking({ tasks, seed, durationNs }, { starts, finishes }) {
  const nobody = new Int32Array(new SharedArrayBuffer(4)); // wakes it

  async function task(index) {
    starts[index] = now();
    Atomics.wait(nobody, 0, 0, durationNs / NS_PER_MS);
    finishes[index] = now();
    return seed + index;
  }

  return all(tasks, task);
}

/** Starts so many tasks, and joins them. */
function all(tasks, task) {
  return Promise.all(Array.from({ length: tasks }, (_, index) => task(index)));
}

/** A promise that somebody else resolves. */
function deferred() {
  let resolve;
  const promise = new Promise((fulfil) => { resolve = fulfil; });
  return { promise, resolve };
}

const WORKLOADS = {
  sleep, spawn, hold, request, echo, cpu, mixed, blocking, skynet,
  'yield': giveWay, 'ping-pong': pingPong, 'file-read': fileRead,
};

/** The runtime for a job; what its tasks need to know is worked out before the first round. */
export function startRuntime(job) {
  refuse(job);
  const facts = {
    tasks: job.tasks,
    times: job.param('times'),
    timer: atLeast(job.param('duration_ns')),
    durationNs: job.param('duration_ns'),
    compute: job.workload === 'cpu' ? kernelOf(job) : null,
    burners: job.param('burners'),
    slices: job.param('slices'),
    sliceNs: job.param('slice_ns'),
    yields: job.param('policy') === YIELD,
  };
  return {
    tell: () => Object.assign(facts, {
      seed: job.seed,
      origin: job.origin,
      file: job.file,
      timers: job.workload === 'sleep' ? job.sleeps().map(atLeast) : [],
      offsets: job.workload === 'file-read' ? job.offsets() : [],
    }),
    run: (record) => WORKLOADS[job.workload](facts, record),
  };
}

function refuse(job) {
  const longest = atLeast(job.param('duration_ns') + job.param('jitter_ns'));
  if (longest > LONGEST_TIMER_MS) {
    throw new Refused('unsupported', `a timer of ${longest} ms: Node.js allows at most ${LONGEST_TIMER_MS} ms`);
  }
  if (job.workload === 'blocking' && job.param('call') === ESCAPE) {
    const reason = `call = escape: ${job.runtime} has no threads for blocking calls; ask for call = naive`;
    throw new Refused('unsupported', reason);
  }
  if (job.workload === 'file-read' && job.param('io') === DIRECT) {
    throw new Refused('unsupported', 'io = direct: a Buffer is not aligned as O_DIRECT requires; ask for io = cached');
  }
  if (OPENS_FILES.includes(job.workload)) {
    requireFiles(job.tasks + 1);
  }
}

/** Refuses more open files than the process may have. Node.js raises the soft limit by itself. */
function requireFiles(files) {
  const most = Number(readFileSync('/proc/self/limits', 'utf8').match(/^Max open files +(\d+)/m)?.[1] ?? Infinity);
  const open = readdirSync('/proc/self/fd').length;
  if (files + open > most) {
    const room = `${files} files are needed beside the ${open} that are open, and the limit is ${most}`;
    throw new Refused('unsupported', `${room}; raise it with ulimit -n ${files + open}`);
  }
}
