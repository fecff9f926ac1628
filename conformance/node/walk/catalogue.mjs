// The names of all operations, what a client lacks of them, and whether the rest gave a good answer.

import { readdirSync, readFileSync } from 'node:fs';
import { equal } from '../harness.mjs';

const PAGES = new URL('../../../docs/operations/', import.meta.url);
// Operations on instances, applications and the account, which the walk leaves out.
const OTHER = /Kms|ApplicationAccessPoint|ClientKey|NetworkRule|Polic(y|ies)$/;
const POLICIES = ['SetKeyPolicy', 'GetKeyPolicy', 'SetSecretPolicy', 'GetSecretPolicy', 'UpdateRotationPolicy', 'UpdateSecretRotationPolicy'];
// It needs the vendor's attestation service and is refused for good.
const REFUSED = ['GetChallenge'];
// A row of the table of parameters that must be sent.
const REQUIRED = /^\| `(\w+)` \| ([^|]+?) \| yes \|/gm;
const PLACEHOLDERS = { string: 'x', integer: 1, boolean: true, 'list of strings': ['x'], 'list of objects': [{ Key: 'a', Value: 'b' }] };

/** Every operation of the catalogue, with the parameters that must be sent and a value for each. */
const OPERATIONS = readdirSync(PAGES)
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .sort()
  .map((file) => {
    const page = readFileSync(new URL(file, PAGES), 'utf8');
    const name = /^# (\w+)$/m.exec(page)[1];
    const required = [...page.matchAll(REQUIRED)].map(([, parameter, kind]) => [parameter, PLACEHOLDERS[kind.split(':')[0]]]);
    return { name, required: Object.fromEntries(required), walked: POLICIES.includes(name) || !OTHER.test(name) };
  });

/** Prints which operations a client has no method for. */
export function lacks(client, has) {
  const missing = OPERATIONS.map(({ name }) => name).filter((name) => !has(name));
  const total = OPERATIONS.length;
  console.log(`note ${client} has ${total - missing.length} of ${total} operations${missing.length ? `; it lacks ${missing.join(', ')}` : ''}`);
}

export async function missingParameters(walk) {
  for (const { name: action, required, walked } of OPERATIONS) {
    if (!walked) continue;
    for (const name of Object.keys(required)) {
      const { [name]: _, ...rest } = required;
      await walk.refuses(`${action} without ${name} is refused`, 400, `Missing${name}`, action, rest);
    }
  }
}

/** Suite and walk together have had a good answer from each operation that this client can have one from. */
export async function completeness(walk) {
  const wanted = OPERATIONS.filter(({ name, walked }) => walked && !REFUSED.includes(name)).map(({ name }) => name);
  await walk.check(`each of ${wanted.length} operations on keys and secrets gave a good answer`, () =>
    equal(wanted.filter((name) => !walk.kms.succeeded.has(name)), [], 'operations without one'));
}
