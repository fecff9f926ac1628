// ReEncrypt: from one symmetric key to another, and from a key pair to a symmetric key.

import { decode, UNKNOWN_KEY } from '../checks.mjs';
import { equal, holds } from '../harness.mjs';
import * as local from './local.mjs';
import { ENCRYPT } from './specs.mjs';

export async function reEncryption(walk) {
  const source = await walk.keyOf('Aliyun_AES_256');
  const target = await walk.keyOf('Aliyun_SM4');
  const DestinationKeyId = target.KeyId;
  const sealed = async (more) =>
    (await walk.call('Encrypt', { KeyId: source.KeyId, Plaintext: 'moved', ...more })).CiphertextBlob;
  const opened = async (CiphertextBlob, text = 'moved', more = {}) => {
    const answer = await walk.call('Decrypt', { CiphertextBlob, ...more });
    equal([answer.KeyId, answer.KeyVersionId], [target.KeyId, target.KeyVersionId], 'KeyId and KeyVersionId of Decrypt');
    equal(answer.Plaintext, text, 'Plaintext');
  };
  const AliasName = `alias/${walk.runId}/target`;
  await walk.check('CreateAlias for ReEncrypt', () => walk.call('CreateAlias', { AliasName, KeyId: DestinationKeyId }));
  for (const [name, key] of [
    ['another key', DestinationKeyId],
    ['the alias of a key', AliasName],
    ['the ARN of a key', walk.arn('key/', DestinationKeyId)],
  ]) {
    await walk.check(`ReEncrypt under ${name}`, async () => {
      const answer = await walk.call('ReEncrypt', { CiphertextBlob: await sealed(), DestinationKeyId: key });
      equal([answer.KeyId, answer.KeyVersionId], [source.KeyId, source.KeyVersionId], 'KeyId and KeyVersionId of ReEncrypt');
      await opened(answer.CiphertextBlob);
    });
  }
  await walk.check('ReEncrypt under the same key', async () => {
    const CiphertextBlob = await sealed();
    const again = (await walk.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: source.KeyId })).CiphertextBlob;
    holds(again !== CiphertextBlob, 'the same blob');
    equal((await walk.call('Decrypt', { CiphertextBlob: again })).Plaintext, 'moved', 'Plaintext');
  });
  await walk.check('ReEncrypt changes the EncryptionContext, and needs the old one', async () => {
    const [one, two] = [{ from: 'here' }, { to: 'there', 'é': '密' }];
    const CiphertextBlob = await sealed({ EncryptionContext: one });
    const move = { CiphertextBlob, DestinationKeyId };
    const moved = (await walk.call('ReEncrypt', { ...move, SourceEncryptionContext: one, DestinationEncryptionContext: two })).CiphertextBlob;
    await opened(moved, 'moved', { EncryptionContext: two });
    await walk.refused(400, 'InvalidParameter', 'Decrypt', { CiphertextBlob: moved });
    await walk.refused(400, 'InvalidParameter', 'Decrypt', { CiphertextBlob: moved, EncryptionContext: one });
    await walk.refused(400, 'InvalidParameter', 'ReEncrypt', move);
    await walk.refused(400, 'InvalidParameter', 'ReEncrypt', { ...move, SourceEncryptionContext: two });
    await opened((await walk.call('ReEncrypt', { ...move, SourceEncryptionContext: one })).CiphertextBlob);
  });
  for (const algorithm of ['RSAES_OAEP_SHA_256', 'RSAES_OAEP_SHA_1']) {
    await walk.check(`ReEncrypt of what this side encrypted with RSA_2048 ${algorithm}`, async () => {
      const pair = await walk.keyOf('RSA_2048', ENCRYPT);
      const key = local.publicKey((await walk.call('GetPublicKey', pair)).PublicKey);
      const answer = await walk.call('ReEncrypt', {
        CiphertextBlob: local.encode(local.encrypted(algorithm, key, Buffer.from('of this side'))),
        SourceKeyId: pair.KeyId,
        SourceKeyVersionId: pair.KeyVersionId,
        SourceEncryptionAlgorithm: algorithm,
        DestinationKeyId,
      });
      equal([answer.KeyId, answer.KeyVersionId], [pair.KeyId, pair.KeyVersionId], 'KeyId and KeyVersionId of ReEncrypt');
      // Like every other operation on key pairs, this one shows the bytes as base64.
      await opened(answer.CiphertextBlob, local.encode('of this side'));
    });
  }
  const CiphertextBlob = await sealed();
  const pair = await walk.keyOf('RSA_2048', ENCRYPT);
  const fromPair = {
    CiphertextBlob: local.encode(Buffer.alloc(256)),
    SourceKeyId: pair.KeyId,
    SourceKeyVersionId: pair.KeyVersionId,
    SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
  };
  const foreign = Buffer.concat([Buffer.from('00000000-0000-4000-8000-000000000000'), Buffer.alloc(60)]);
  for (const [name, status, code, parameters] of [
    ['a changed blob', 400, 'InvalidParameter', { CiphertextBlob: local.encode(local.flipped(decode(CiphertextBlob))) }],
    ['what is no base64', 400, 'InvalidParameter', { CiphertextBlob: '!no base64!' }],
    ['a blob of an unknown key', 404, 'Forbidden.KeyNotFound', { CiphertextBlob: local.encode(foreign) }],
    ['an unknown destination', 404, 'Forbidden.KeyNotFound', { DestinationKeyId: UNKNOWN_KEY }],
    ['an unknown alias as destination', 404, 'Forbidden.AliasNotFound', { DestinationKeyId: 'alias/no-such' }],
    ['a key pair as destination', 400, 'UnsupportedOperation', { DestinationKeyId: pair.KeyId }],
    ['a changed asymmetric ciphertext', 400, 'InvalidParameter', fromPair],
    ['an unknown source algorithm', 400, 'InvalidParameter', { ...fromPair, SourceEncryptionAlgorithm: 'RSAES_OAEP_MD5' }],
    ['an unknown source key', 404, 'Forbidden.KeyNotFound', { ...fromPair, SourceKeyId: UNKNOWN_KEY }],
    ['an unknown source version', 404, 'Forbidden.KeyVersionNotFound', { ...fromPair, SourceKeyVersionId: '00000000-0000-4000-8000-000000000000' }],
  ]) {
    await walk.refuses(`ReEncrypt with ${name} is refused`, status, code, 'ReEncrypt', { CiphertextBlob, DestinationKeyId, ...parameters });
  }
}
