// AsymmetricSign and AsymmetricVerify, each signature verified on this side as well.

import { decode, UNKNOWN_KEY } from '../checks.mjs';
import { equal, holds } from '../harness.mjs';
import * as local from './local.mjs';
import { ENCRYPT, LARGE } from './specs.mjs';

const RSA = ['RSA_PSS_SHA_256', 'RSA_PKCS1_SHA_256'];
const ALGORITHMS = { RSA_2048: RSA, RSA_3072: RSA, RSA_4096: RSA, EC_P256: ['ECDSA_SHA_256'], EC_P256K: ['ECDSA_SHA_256'], EC_SM2: ['SM2DSA'] };

export async function signatures(walk) {
  const sign = async (spec, Algorithm, digest, name) => {
    const key = await walk.keyOf(spec);
    const answer = await walk.call('AsymmetricSign', { ...key, ...(name && { KeyId: name }), Algorithm, Digest: local.encode(digest) });
    equal([answer.KeyId, answer.KeyVersionId], [key.KeyId, key.KeyVersionId], 'KeyId and KeyVersionId');
    return decode(answer.Value);
  };
  const verified = async (spec, Algorithm, digest, value) => {
    const key = await walk.keyOf(spec);
    const answer = await walk.call('AsymmetricVerify', { ...key, Algorithm, Digest: local.encode(digest), Value: local.encode(value) });
    equal([answer.KeyId, answer.KeyVersionId], [key.KeyId, key.KeyVersionId], 'KeyId and KeyVersionId');
    return answer.Value;
  };
  for (const [spec, algorithms] of Object.entries(ALGORITHMS)) {
    if (LARGE.includes(spec) && !walk.thorough) continue;
    for (const algorithm of algorithms) {
      await walk.check(`AsymmetricSign ${spec} ${algorithm}`, async () => {
        const key = local.publicKey((await walk.call('GetPublicKey', await walk.keyOf(spec))).PublicKey);
        const message = local.random(100);
        const digest = local.digestOf(algorithm, key, message);
        const value = await sign(spec, algorithm, digest);
        holds(local.verifies(algorithm, key, message, value), 'the signature is wrong by this side');
        equal(await verified(spec, algorithm, digest, value), true, 'Value');
      });
      await walk.check(`AsymmetricVerify ${spec} ${algorithm} finds what is wrong`, async () => {
        const digest = local.random(32);
        const value = await sign(spec, algorithm, digest);
        equal(await verified(spec, algorithm, local.flipped(digest), value), false, 'Value for another digest');
        equal(await verified(spec, algorithm, digest, local.flipped(value)), false, 'Value of a changed signature');
        equal(await verified(spec, algorithm, digest, 'no signature'), false, 'Value of what is no signature');
      });
    }
  }
  await walk.check('AsymmetricVerify of a PSS signature as PKCS1 says no', async () => {
    const digest = local.random(32);
    equal(await verified('RSA_2048', 'RSA_PKCS1_SHA_256', digest, await sign('RSA_2048', 'RSA_PSS_SHA_256', digest)), false, 'Value');
  });
  const key = await walk.keyOf('EC_P256');
  await walk.check('AsymmetricSign by alias and by ARN names the real key', async () => {
    const AliasName = `alias/${walk.runId}/sign`;
    await walk.call('CreateAlias', { AliasName, KeyId: key.KeyId });
    await sign('EC_P256', 'ECDSA_SHA_256', local.random(32), AliasName);
    await sign('EC_P256', 'ECDSA_SHA_256', local.random(32), walk.arn('key/', key.KeyId));
  });
  const good = { ...key, Algorithm: 'ECDSA_SHA_256', Digest: local.encode(Buffer.alloc(32)), Value: local.encode('x') };
  const mismatch = ['InvalidParameter', 'Rejected.UnsupportedOperation'];
  for (const [name, status, code, change] of [
    ['31 bytes as digest', 400, 'InvalidParameter', { Digest: local.encode(Buffer.alloc(31)) }],
    ['33 bytes as digest', 400, 'InvalidParameter', { Digest: local.encode(Buffer.alloc(33)) }],
    ['a digest that is no base64', 400, 'InvalidParameter', { Digest: '!no base64!' }],
    ['an unknown algorithm', 400, 'InvalidParameter', { Algorithm: 'ECDSA_SHA_257' }],
    ['the algorithm of another spec', 400, mismatch, { Algorithm: 'RSA_PSS_SHA_256' }],
    ['an algorithm for encryption', 400, mismatch, { Algorithm: 'RSAES_OAEP_SHA_256' }],
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { KeyId: UNKNOWN_KEY }],
    ['an unknown alias', 404, 'Forbidden.AliasNotFound', { KeyId: 'alias/no-such' }],
    ['an unknown version', 404, 'Forbidden.KeyVersionNotFound', { KeyVersionId: '00000000-0000-4000-8000-000000000000' }],
    ['the version of another key', 404, 'Forbidden.KeyVersionNotFound', { KeyVersionId: (await walk.keyOf('EC_P256K')).KeyVersionId }],
    ['a key for encryption', 400, 'Rejected.UnsupportedOperation', { ...(await walk.keyOf('RSA_2048', ENCRYPT)), Algorithm: 'RSA_PSS_SHA_256' }],
    ['a symmetric key', 400, 'Rejected.UnsupportedOperation', await walk.keyOf('Aliyun_AES_256')],
  ]) {
    const { Value, ...signing } = { ...good, ...change };
    await walk.refuses(`AsymmetricSign with ${name} is refused`, status, code, 'AsymmetricSign', signing);
    await walk.refuses(`AsymmetricVerify with ${name} is refused`, status, code, 'AsymmetricVerify', { ...signing, Value });
  }
  await walk.refuses('AsymmetricVerify of a value that is no base64 is refused', 400, 'InvalidParameter', 'AsymmetricVerify', {
    ...good,
    Value: '!no base64!',
  });
}
