// A walk over every key and every secret operation, with good and with bad arguments.
//
// The suite checks what programs use all the time. The walk goes further. A group is a function over the `Walk`; the
// groups share the keys that `Walk.keyOf` makes.

import { Checks } from '../checks.mjs';
import { equal } from '../harness.mjs';

/** One client on its way through all operations. `thorough` adds the keys that take long to make. */
export class Walk extends Checks {
  made = new Map();

  constructor(harness, kms, ready, tag, thorough) {
    super(harness, kms, ready, `${tag}, walk`);
    this.thorough = thorough;
  }

  /** Id and version id of a key that the groups share; nothing may change its state. */
  async keyOf(KeySpec, KeyUsage) {
    const name = `${KeySpec} ${KeyUsage}`;
    if (!this.made.has(name)) this.made.set(name, await this.freshKey({ KeySpec, ...(KeyUsage && { KeyUsage }) }));
    return this.made.get(name);
  }

  /** Id and version id of a new key. */
  async freshKey(parameters = {}) {
    const { KeyId } = await this.newKey(parameters);
    const [{ KeyVersionId }] = (await this.call('ListKeyVersions', { KeyId })).KeyVersions.KeyVersion;
    return { KeyId, KeyVersionId };
  }

  async described(KeyId) {
    return (await this.call('DescribeKey', { KeyId })).KeyMetadata;
  }

  /** Compares those fields of an answer that this client knows. */
  shows(action, answer, expected) {
    for (const [field, value] of Object.entries(expected)) {
      if (this.kms.has(action, field)) equal(answer[field] ?? '', value ?? '', `${field} of ${action}`);
    }
  }

  async run(groups) {
    for (const group of groups) {
      try {
        await group(this);
      } catch (error) {
        // What a group builds on has failed; the other groups still tell something.
        await this.check(`the rest of ${group.name}`, () => Promise.reject(error));
      }
    }
  }
}
