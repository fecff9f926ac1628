// What the checks of every area share.
//
// A client is an adapter with `call(action, parameters, { date, nonce })`, which takes and gives names
// as they stand on the wire, and throws `KmsError`. `date` and `nonce` replace what the SDK would have
// put into the request before signing it. `succeeded` gathers the operations that gave a good answer.

import { randomBytes } from 'node:crypto';
import { equal, holds, matches, refused } from './harness.mjs';

export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
export const UNKNOWN_KEY = 'key-hzz00000000aaaaaaaaaa';
const REQUEST_ID = /^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$/;

export const TEXTS = {
  'text that is no base64': 'plaintext',
  'text beyond ASCII': 'Grüße, 密钥 и ключ 🔑',
  'base64 text': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('base64'),
  'text that URLs escape': ' a+b*c~d/e=f&g%20h?i#j\'k(l)!"m\\n<>\t\r\n.',
  'one character': 'x',
};

export const decode = (text) => {
  const bytes = Buffer.from(text, 'base64');
  equal(bytes.toString('base64'), text, 'base64 text');
  return bytes;
};

export function empty(answer, ...names) {
  for (const name of names) {
    holds(answer[name] === undefined || answer[name] === null || answer[name] === '', `${name} is ${answer[name]}, expected none`);
  }
}

export function answered(answer) {
  matches(REQUEST_ID, answer.RequestId, 'RequestId');
  return answer;
}

/** One client, under one signature version and transport (`tag`). */
export class Checks {
  constructor(harness, kms, ready, tag) {
    Object.assign(this, { harness, kms, ready, tag });
    this.runId = `${tag.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${randomBytes(4).toString('hex')}`;
  }

  check(name, fn) {
    return this.harness.check(`${this.tag}: ${name}`, fn);
  }

  async call(action, parameters = {}, overrides = {}) {
    const answer = answered(await this.kms.call(action, parameters, overrides));
    this.kms.succeeded.add(action);
    return answer;
  }

  /** `code` is one code, or several where the API promises no single one. */
  refused(status, code, action, parameters = {}, overrides = {}) {
    const codes = [code].flat().map((one) => this.kms.exposed(one));
    return refused(status, codes, () => this.kms.call(action, parameters, overrides));
  }

  refuses(name, status, code, action, parameters = {}, overrides = {}) {
    return this.check(name, () => this.refused(status, code, action, parameters, overrides));
  }

  async newKey(parameters = {}) {
    return (await this.call('CreateKey', parameters)).KeyMetadata;
  }

  arn(kind, name) {
    return `acs:kms:${this.ready.region}:${this.ready.account}:${kind}${name}`;
  }

  /** Makes the named things, then walks a list operation: its defaults, its pages and its counts. */
  async pages(action, outer, inner, id, names, make) {
    const before = (await this.call(action, { PageSize: 1 })).TotalCount;
    for (const name of names) await make(name);
    const total = before + names.length;
    const first = await this.call(action);
    equal([first.PageNumber, first.PageSize, first.TotalCount], [1, 10, total], 'PageNumber, PageSize and TotalCount');
    equal(first[outer][inner].length, 10, 'number of entries');
    const found = new Map();
    let count = 0;
    for (let PageNumber = 1; PageNumber <= Math.ceil(total / 7); PageNumber += 1) {
      const page = await this.call(action, { PageNumber, PageSize: 7 });
      equal([page.PageNumber, page.PageSize], [PageNumber, 7], 'PageNumber and PageSize');
      for (const entry of page[outer][inner]) {
        found.set(entry[id], { ...entry });
        count += 1;
      }
    }
    equal(count, total, 'number of entries over all pages');
    equal(found.size, total, 'number of different entries');
    const beyond = await this.call(action, { PageNumber: 99, PageSize: 100 });
    equal([beyond[outer][inner], beyond.TotalCount], [[], total], 'a page beyond the last one');
    return found;
  }
}
