import assert from 'node:assert';
import test from 'node:test';

import { blockSum, burnSlice, integerKernel, pack, sha256Kernel, splitmix64, wrap } from './arithmetic.js';

test('splitmix64 gives the published sequence', () => {
  assert.strictEqual(splitmix64(1_234_567n), 6_457_827_717_110_365_317n);
});

test('halves compute what big integers do', () => {
  for (const token of [0, 1, 7, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 123_456_789_012_345, 2 ** 53 - 1]) {
    let expected = BigInt(token);
    for (let steps = 0; steps < 100; steps++) {
      assert.strictEqual(integerKernel(steps)(token), expected, `${steps} steps on ${token}`);
      expected = splitmix64(expected);
    }
  }
});

test('the hash is that which others compute', () => {
  // sha256sum </dev/null, and steps on a token that a number holds.
  const token = Number(Buffer.from('abcdef\0\0').readBigUInt64LE());
  assert.strictEqual(pack(sha256Kernel(0)(token)).toString('hex'), 'e3b0c44298fc1c14');
  assert.strictEqual(pack(token).toString(), 'abcdef\0\0');
});

test('the sum of a block wraps', () => {
  const words = new BigUint64Array(512).fill(2n ** 64n - 3n);
  assert.strictEqual(blockSum(Buffer.from(words.buffer)), wrap(512n * (2n ** 64n - 3n)));
});

test('a slice is CPU time', () => {
  const before = process.cpuUsage();
  burnSlice(5_000_000);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system >= 5000);
});
