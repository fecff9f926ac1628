// Check counting, the ready file, and the error type that every client adapter throws.

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual, inspect } from 'node:util';

/** A refusal as one SDK exposes it. */
export class KmsError extends Error {
  constructor(status, code, text, requestId) {
    super(`${status} ${code}: ${text}`);
    Object.assign(this, { status, code, text, requestId });
  }
}

/** Runs checks one after the other; a failed check never stops the ones after it. */
export class Harness {
  passed = 0;
  failed = 0;

  async check(name, fn) {
    try {
      const result = await fn();
      this.passed += 1;
      console.log(`ok   ${name}`);
      return result;
    } catch (error) {
      this.failed += 1;
      const text = `${error?.name}: ${error?.message}`.replace(/\s+/g, ' ').slice(0, 600);
      console.log(`FAIL ${name}: ${text}`);
      return undefined;
    }
  }

  finish() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}

/** What the ready file says about the server, and its root AccessKey. */
export function readReady(path) {
  const file = JSON.parse(readFileSync(path, 'utf8'));
  const ready = {
    region: file.region,
    account: file.account_id,
    http: file.endpoints.shared.http,
    https: file.endpoints.shared.https,
    ca: readFileSync(file.ca_file, 'utf8'),
    accessKeyId: process.env.KEYSTEAD_ROOT_ACCESS_KEY_ID,
    accessKeySecret: process.env.KEYSTEAD_ROOT_ACCESS_KEY_SECRET,
  };
  if (!ready.accessKeyId) {
    const ini = readFileSync(file.access_key_file ?? process.env.ALIBABA_CLOUD_CREDENTIALS_FILE, 'utf8');
    ready.accessKeyId = /^access_key_id\s*=\s*(\S+)/m.exec(ini)[1];
    ready.accessKeySecret = /^access_key_secret\s*=\s*(\S+)/m.exec(ini)[1];
  }
  return ready;
}

export function equal(seen, expected, what = 'value') {
  if (!isDeepStrictEqual(seen, expected)) {
    throw new Error(`${what} is ${inspect(seen)}, expected ${inspect(expected)}`);
  }
}

export function holds(condition, text) {
  if (!condition) throw new Error(text);
}

export function matches(pattern, text, what) {
  if (typeof text !== 'string' || !pattern.test(text)) {
    throw new Error(`${what} is ${inspect(text)}, expected the form ${pattern}`);
  }
}

/** `fn` must be refused with exactly this status and code, or with one of several codes; gives the error. */
export async function refused(status, code, fn) {
  const codes = [code].flat();
  const expected = `${status} ${codes.join(' or ')}`;
  let answer;
  try {
    answer = await fn();
  } catch (error) {
    if (!(error instanceof KmsError)) throw error;
    if (error.status !== status || !codes.includes(error.code)) {
      throw new Error(`refused with ${error.message}, expected ${expected}`);
    }
    holds(error.text, 'the error has no message');
    return error;
  }
  throw new Error(`accepted (${JSON.stringify(answer)?.slice(0, 200)}), expected ${expected}`);
}
