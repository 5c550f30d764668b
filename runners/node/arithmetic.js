// What a task computes: the arithmetic of /crates/protocol/src/proof.rs, by which a round is proven.
//
// Numbers are 64 bits wide and wrap. `BigInt` says so plainly and allocates at every operation, so that it is
// used before and after a round; what is computed within one works on two halves of 32 bits, as libraries of
// JavaScript do.

import { createHash } from 'node:crypto';

/** A value of the parameter `kernel`. */
export const SHA256 = 1;

export const wrap = (number) => BigInt.asUintN(64, number);

/** SplitMix64 (Steele, Lea and Flood, 2014): the output for state `x`. */
export function splitmix64(x) {
  let z = wrap(x + 0x9e3779b97f4a7c15n);
  z = wrap((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = wrap((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

/** Where the block begins that a task reads as its `read`th, bytes. */
export function blockOffset(seed, task, read, blocks) {
  return Number(splitmix64(wrap(splitmix64(BigInt(seed + task)) + BigInt(read))) % blocks) * 4096;
}

/** What a task of `cpu` makes of its token: a function. */
export function kernelOf(job) {
  const steps = job.param('steps');
  return job.param('kernel') === SHA256 ? sha256Kernel(steps) : integerKernel(steps);
}

/** So many steps of SplitMix64, on halves. */
export function integerKernel(steps) {
  return (token) => {
    let low = token % 2 ** 32;
    let high = Math.floor(token / 2 ** 32);
    for (let step = 0; step < steps; step++) {
      const sum = low + 0x7f4a7c15;
      low = sum | 0;
      high = (high + 0x9e3779b9 + (sum > 0xffffffff ? 1 : 0)) | 0;
      let l = low ^ ((low >>> 30) | (high << 2));
      let h = high ^ (high >>> 30);
      high = highOfProduct(l, 0x1ce4e5b9) + Math.imul(h, 0x1ce4e5b9) + Math.imul(l, 0xbf58476d);
      low = Math.imul(l, 0x1ce4e5b9);
      l = low ^ ((low >>> 27) | (high << 5));
      h = high ^ (high >>> 27);
      high = highOfProduct(l, 0x133111eb) + Math.imul(h, 0x133111eb) + Math.imul(l, 0x94d049bb);
      low = Math.imul(l, 0x133111eb);
      l = low ^ ((low >>> 31) | (high << 1));
      h = high ^ (high >>> 31);
      low = l >>> 0;
      high = h >>> 0;
    }
    return (BigInt(high) << 32n) | BigInt(low);
  };
}

/** The upper half of the product of two unsigned halves, by long multiplication of 16 bits each. */
function highOfProduct(a, b) {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  return aHigh * bHigh + (middle >>> 16) + ((aLow * bHigh + (middle & 0xffff)) >>> 16);
}

/** Hashes the whole message in one call. */
export function sha256Kernel(steps) {
  return (token) => {
    const message = Buffer.alloc(64 * steps, pack(token));
    return createHash('sha256').update(message).digest().readBigUInt64LE();
  };
}

/** Wrapping sum of the little-endian words of a block; its halves are added apart, and stay exact. */
export function blockSum(block) {
  const halves = new Uint32Array(block.buffer, block.byteOffset, block.length / 4);
  let low = 0;
  let high = 0;
  for (let word = 0; word < halves.length; word += 2) {
    low += halves[word];
    high += halves[word + 1];
  }
  return wrap((BigInt(high) << 32n) + BigInt(low));
}

/** A number as the origin of `request` wants it. */
export function pack(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(number));
  return bytes;
}

/**
 * Uses up CPU time: waiting for a CPU does not count. NOTE: before version 23.9 Node.js has only the CPU time of the
 * whole process.
 */
export function burnSlice(sliceNs) {
  const used = process.threadCpuUsage ?? process.cpuUsage;
  const burn = integerKernel(1000); // between two readings of the clock, which is a system call
  const before = used.call(process);
  for (;;) {
    const since = used.call(process, before);
    if ((since.user + since.system) * 1000 >= sliceNs) {
      return;
    }
    burn(since.user);
  }
}
