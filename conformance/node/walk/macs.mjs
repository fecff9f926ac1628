// GenerateMac and VerifyMac.

import { decode, UNKNOWN_KEY } from '../checks.mjs';
import { equal, holds } from '../harness.mjs';
import * as local from './local.mjs';

const SIZES = [
  ['HMAC_SHA224', 'HMAC_SHA_224', 28],
  ['HMAC_SHA256', 'HMAC_SHA_256', 32],
  ['HMAC_SHA384', 'HMAC_SHA_384', 48],
  ['HMAC_SHA512', 'HMAC_SHA_512', 64],
  ['HMAC_SM3', 'HMAC_SM3', 32],
];

export async function macs(walk) {
  const generate = async (spec, Algorithm, message, name) => {
    const { KeyId } = await walk.keyOf(spec);
    const answer = await walk.call('GenerateMac', { KeyId: name ?? KeyId, Algorithm, Message: local.encode(message) });
    equal([answer.KeyId, answer.Algorithm], [KeyId, Algorithm], 'KeyId and Algorithm');
    return decode(answer.Mac);
  };
  const verified = async (spec, Algorithm, message, mac) => {
    const { KeyId } = await walk.keyOf(spec);
    const answer = await walk.call('VerifyMac', { KeyId, Algorithm, Message: local.encode(message), Mac: local.encode(mac) });
    equal([answer.KeyId, answer.Algorithm], [KeyId, Algorithm], 'KeyId and Algorithm');
    return answer.Value;
  };
  for (const [spec, algorithm, size] of SIZES) {
    await walk.check(`GenerateMac and VerifyMac ${algorithm}`, async () => {
      for (const message of [Buffer.from('x'), local.random(6144)]) {
        const mac = await generate(spec, algorithm, message);
        equal(mac.length, size, 'bytes of the MAC');
        equal(await generate(spec, algorithm, message), mac, 'MAC of the same message');
        equal(await verified(spec, algorithm, message, mac), true, 'Value');
        equal(await verified(spec, algorithm, message, local.flipped(mac)), false, 'Value of a changed MAC');
        equal(await verified(spec, algorithm, message, mac.subarray(0, -1)), false, 'Value of a MAC cut off');
        equal(await verified(spec, algorithm, local.flipped(message), mac), false, 'Value for another message');
      }
    });
  }
  const { KeyId } = await walk.keyOf('HMAC_SHA256');
  await walk.check('GenerateMac by alias and ARN, and under another key', async () => {
    const AliasName = `alias/${walk.runId}/mac`;
    await walk.call('CreateAlias', { AliasName, KeyId });
    const plain = await generate('HMAC_SHA256', 'HMAC_SHA_256', 'x');
    equal(await generate('HMAC_SHA256', 'HMAC_SHA_256', 'x', AliasName), plain, 'MAC by alias');
    equal(await generate('HMAC_SHA256', 'HMAC_SHA_256', 'x', walk.arn('key/', KeyId)), plain, 'MAC by ARN');
    const other = await walk.newKey({ KeySpec: 'HMAC_SHA256' });
    const answer = await walk.call('GenerateMac', { KeyId: other.KeyId, Algorithm: 'HMAC_SHA_256', Message: local.encode('x') });
    holds(!decode(answer.Mac).equals(plain), 'two keys gave one MAC');
  });
  const good = { KeyId, Algorithm: 'HMAC_SHA_256', Message: local.encode('x'), Mac: local.encode(Buffer.alloc(32)) };
  for (const [name, status, code, change] of [
    ['a message of 6145 bytes', 400, 'InvalidParameter', { Message: local.encode(Buffer.alloc(6145)) }],
    ['a message that is no base64', 400, 'InvalidParameter', { Message: '!no base64!' }],
    ['an unknown algorithm', 400, 'InvalidParameter', { Algorithm: 'HMAC_MD5' }],
    ['the algorithm of another spec', 400, ['InvalidParameter', 'Rejected.UnsupportedOperation'], { Algorithm: 'HMAC_SHA_512' }],
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { KeyId: UNKNOWN_KEY }],
    ['an unknown alias', 404, 'Forbidden.AliasNotFound', { KeyId: 'alias/no-such' }],
    ['a symmetric key for encryption', 400, 'Rejected.UnsupportedOperation', { KeyId: (await walk.keyOf('Aliyun_AES_256')).KeyId }],
    ['a key pair', 400, 'Rejected.UnsupportedOperation', { KeyId: (await walk.keyOf('EC_P256')).KeyId }],
  ]) {
    const { Mac, ...generating } = { ...good, ...change };
    await walk.refuses(`GenerateMac with ${name} is refused`, status, code, 'GenerateMac', generating);
    await walk.refuses(`VerifyMac with ${name} is refused`, status, code, 'VerifyMac', { ...generating, Mac });
  }
  await walk.refuses('VerifyMac of a MAC that is no base64 is refused', 400, 'InvalidParameter', 'VerifyMac', { ...good, Mac: '!no base64!' });
  await walk.refuses('Encrypt with an HMAC key is refused', 400, 'UnsupportedOperation', 'Encrypt', { KeyId, Plaintext: 'x' });
}
