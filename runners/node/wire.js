// The runner's end of the wire: standard input and output, a line at a time.
//
// Read and written synchronously: while the lab reads the memory of a held process, nothing else may run in it.

import { readSync, writeSync } from 'node:fs';

const STDIN = 0;
const STDOUT = 1;
const NEWLINE = 0x0a;
const MAX_LINE_BYTES = 1 << 20;

const chunk = Buffer.alloc(1 << 16);
let unread = Buffer.alloc(0);

/** The next line of input as bytes, without its newline; null at the end of input. */
export function readLine() {
  for (;;) {
    const end = unread.indexOf(NEWLINE);
    if (end >= 0) {
      const line = unread.subarray(0, end);
      unread = unread.subarray(end + 1);
      return line;
    }
    const count = unread.length < MAX_LINE_BYTES ? readSync(STDIN, chunk) : 0;
    if (count === 0) {
      const rest = unread;
      unread = Buffer.alloc(0);
      return rest.length > 0 ? rest : null;
    }
    unread = Buffer.concat([unread, chunk.subarray(0, count)]);
  }
}

/** Writes one JSON object as a line: the only thing that ever reaches standard output. */
export function send(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length;) {
    written += writeSync(STDOUT, bytes, written);
  }
}

/** This runner will not serve the job: `unsupported`, `unavailable` or `protocol-error`, and why. */
export class Refused extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

export function sendRefusal(refusal) {
  send({ event: 'refused', status: refusal.status, reason: refusal.message });
}

/** Says `ready`, and gives `tell` what the first `go` brings. False if input ends instead, or makes no sense. */
export function ready(tell) {
  send({ event: 'ready' });
  const line = readLine();
  if (line === null) {
    return false;
  }
  try {
    if (!line.subarray(0, 3).equals(Buffer.from('go '))) {
      throw unexpected(line);
    }
    tell(decode(line.subarray(3)));
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    sendRefusal(error);
    return false;
  }
  return true;
}

/** The JSON value on a line. */
export function decode(line) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch (error) {
    const excerpt = line.subarray(0, 80).toString();
    throw new Refused('protocol-error', `not a JSON object (${error.message}): ${JSON.stringify(excerpt)}`);
  }
}

function unexpected(line) {
  const said = line.subarray(0, 80).toString();
  return new Refused('protocol-error', `expected "go" at a checkpoint, not "${said}"`);
}

/** Sends an event and waits for `go`. False if input ends instead: then the runner ends. */
export function checkpoint(event) {
  send({ event });
  const word = readLine();
  if (word?.equals(Buffer.from('go'))) {
    return true;
  }
  if (word !== null) {
    sendRefusal(unexpected(word));
  }
  return false;
}

export function waitForEndOfInput() {
  while (readLine() !== null);
}
