// AsymmetricEncrypt and AsymmetricDecrypt, and what this side encrypts with the public key.

import { decode, UNKNOWN_KEY } from '../checks.mjs';
import { equal, holds } from '../harness.mjs';
import * as local from './local.mjs';
import { ENCRYPT, LARGE } from './specs.mjs';

// Bytes of plaintext at most (API reference, AsymmetricEncrypt).
const LIMITS = [
  ['RSA_2048', 'RSAES_OAEP_SHA_256', 190],
  ['RSA_2048', 'RSAES_OAEP_SHA_1', 214],
  ['RSA_3072', 'RSAES_OAEP_SHA_256', 318],
  ['RSA_3072', 'RSAES_OAEP_SHA_1', 342],
  ['RSA_4096', 'RSAES_OAEP_SHA_256', 446],
  ['EC_SM2', 'SM2PKE', 6047],
];

export async function asymmetricCiphers(walk) {
  const named = async (spec, Algorithm) => ({ ...(await walk.keyOf(spec, ENCRYPT)), Algorithm });
  const sameKey = (answer, names) =>
    equal([answer.KeyId, answer.KeyVersionId], [names.KeyId, names.KeyVersionId], 'KeyId and KeyVersionId');
  const encrypt = async (spec, algorithm, data) => {
    const names = await named(spec, algorithm);
    const answer = await walk.call('AsymmetricEncrypt', { ...names, Plaintext: local.encode(data) });
    sameKey(answer, names);
    return decode(answer.CiphertextBlob);
  };
  const decrypt = async (spec, algorithm, blob) => {
    const names = await named(spec, algorithm);
    const answer = await walk.call('AsymmetricDecrypt', { ...names, CiphertextBlob: local.encode(blob) });
    sameKey(answer, names);
    return decode(answer.Plaintext);
  };
  const refused = async (spec, algorithm, blob) =>
    walk.refused(400, 'InvalidParameter', 'AsymmetricDecrypt', { ...(await named(spec, algorithm)), CiphertextBlob: local.encode(blob) });
  for (const [spec, algorithm, limit] of LIMITS) {
    if (LARGE.includes(spec) && !walk.thorough) continue;
    const name = `${spec} ${algorithm}`;
    for (const size of [1, limit]) {
      await walk.check(`AsymmetricEncrypt and AsymmetricDecrypt ${name}, ${size} bytes`, async () => {
        const data = local.random(size);
        const [one, two] = [await encrypt(spec, algorithm, data), await encrypt(spec, algorithm, data)];
        holds(!one.equals(two), 'two encryptions gave one ciphertext');
        equal(await decrypt(spec, algorithm, one), data, 'Plaintext');
      });
    }
    await walk.refuses(`AsymmetricEncrypt ${name} of ${limit + 1} bytes is refused`, 400, 'InvalidParameter', 'AsymmetricEncrypt', {
      ...(await named(spec, algorithm)),
      Plaintext: local.encode(Buffer.alloc(limit + 1)),
    });
    if (algorithm !== 'SM2PKE') {
      await walk.check(`AsymmetricDecrypt ${name} of what this side encrypted`, async () => {
        const key = local.publicKey((await walk.call('GetPublicKey', await walk.keyOf(spec, ENCRYPT))).PublicKey);
        const data = Buffer.from('of this side \x00\xff', 'latin1');
        equal(await decrypt(spec, algorithm, local.encrypted(algorithm, key, data)), data, 'Plaintext');
      });
    }
    await walk.check(`AsymmetricDecrypt ${name} of what was changed is refused`, async () => {
      const blob = await encrypt(spec, algorithm, 'to be broken');
      for (const position of [blob.length - 1, blob.length >> 1]) await refused(spec, algorithm, local.flipped(blob, position));
      await refused(spec, algorithm, blob.subarray(0, -1));
      await refused(spec, algorithm, Buffer.concat([blob, Buffer.alloc(1)]));
      await refused(spec, algorithm, 'x');
    });
  }
  await walk.check('AsymmetricDecrypt with the other hash is refused', async () =>
    refused('RSA_2048', 'RSAES_OAEP_SHA_1', await encrypt('RSA_2048', 'RSAES_OAEP_SHA_256', 'x')));
  const good = { ...(await named('RSA_2048', 'RSAES_OAEP_SHA_256')), Plaintext: local.encode('x'), CiphertextBlob: local.encode(Buffer.alloc(256)) };
  for (const [name, status, code, change] of [
    ['what is no base64', 400, 'InvalidParameter', { Plaintext: '!no base64!', CiphertextBlob: '!no base64!' }],
    ['an unknown algorithm', 400, 'InvalidParameter', { Algorithm: 'RSAES_OAEP_MD5' }],
    ['the algorithm of another spec', 400, ['InvalidParameter', 'Rejected.UnsupportedOperation'], { Algorithm: 'SM2PKE' }],
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { KeyId: UNKNOWN_KEY }],
    ['an unknown alias', 404, 'Forbidden.AliasNotFound', { KeyId: 'alias/no-such' }],
    ['an unknown version', 404, 'Forbidden.KeyVersionNotFound', { KeyVersionId: '00000000-0000-4000-8000-000000000000' }],
    ['a key for signatures', 400, 'Rejected.UnsupportedOperation', await walk.keyOf('RSA_2048')],
    ['a symmetric key', 400, 'Rejected.UnsupportedOperation', await walk.keyOf('Aliyun_AES_256')],
  ]) {
    const { Plaintext, CiphertextBlob, ...names } = { ...good, ...change };
    await walk.refuses(`AsymmetricEncrypt with ${name} is refused`, status, code, 'AsymmetricEncrypt', { ...names, Plaintext });
    await walk.refuses(`AsymmetricDecrypt with ${name} is refused`, status, code, 'AsymmetricDecrypt', { ...names, CiphertextBlob });
  }
  for (const [action, parameters] of [
    ['Encrypt', { Plaintext: 'x' }],
    ['GenerateDataKey', {}],
    ['GenerateDataKeyWithoutPlaintext', {}],
  ]) {
    await walk.refuses(`${action} with a key pair is refused`, 400, 'UnsupportedOperation', action, { KeyId: good.KeyId, ...parameters });
  }
}
