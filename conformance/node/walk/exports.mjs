// ExportDataKey and GenerateAndExportDataKey: data keys wrapped under a key of this side.

import { decode, UNKNOWN_KEY } from '../checks.mjs';
import { equal } from '../harness.mjs';
import * as local from './local.mjs';

export async function exportedKeys(walk) {
  const { KeyId, KeyVersionId } = await walk.keyOf('Aliyun_AES_256');
  const pair = new local.RsaPair();
  const wrap = (WrappingAlgorithm) => ({ PublicKeyBlob: pair.spki, WrappingKeySpec: 'RSA_2048', WrappingAlgorithm });
  const first = wrap('RSAES_OAEP_SHA_256');
  const sameKey = (answer) => equal([answer.KeyId, answer.KeyVersionId], [KeyId, KeyVersionId], 'KeyId and KeyVersionId');
  const exported = async (wrapping, CiphertextBlob, more = {}) => {
    const answer = await walk.call('ExportDataKey', { CiphertextBlob, ...wrapping, ...more });
    sameKey(answer);
    return pair.unwrap(wrapping.WrappingAlgorithm, answer.ExportedDataKey);
  };
  const generated = async (wrapping, size, more = {}) => {
    const answer = await walk.call('GenerateAndExportDataKey', { KeyId, ...wrapping, ...more });
    sameKey(answer);
    const data = pair.unwrap(wrapping.WrappingAlgorithm, answer.ExportedDataKey);
    equal(data.length, size, 'bytes of the data key');
    const context = more.EncryptionContext && { EncryptionContext: more.EncryptionContext };
    const { CiphertextBlob } = answer;
    equal((await walk.call('Decrypt', { CiphertextBlob, ...context })).Plaintext, local.encode(data), 'Plaintext');
    equal(await exported(wrapping, CiphertextBlob, context), data, 'the same key exported');
  };
  for (const algorithm of ['RSAES_OAEP_SHA_256', 'RSAES_OAEP_SHA_1']) {
    await walk.check(`ExportDataKey, RSA_2048 ${algorithm}`, async () => {
      const EncryptionContext = { a: 'b' };
      const answer = await walk.call('GenerateDataKey', { KeyId, EncryptionContext });
      const data = await exported(wrap(algorithm), answer.CiphertextBlob, { EncryptionContext });
      equal(local.encode(data), answer.Plaintext, 'the exported key');
    });
    await walk.check(`GenerateAndExportDataKey, RSA_2048 ${algorithm}`, () => generated(wrap(algorithm), 32));
  }
  await walk.check('ExportDataKey of what is no base64 gives its bytes', async () => {
    const { CiphertextBlob } = await walk.call('Encrypt', { KeyId, Plaintext: 'no base64, so bytes' });
    equal((await exported(first, CiphertextBlob)).toString(), 'no base64, so bytes', 'the exported text');
  });
  for (const [name, size, parameters] of [
    ['AES_128', 16, { KeySpec: 'AES_128' }],
    ['AES_256', 32, { KeySpec: 'AES_256' }],
    ['1 byte', 1, { NumberOfBytes: 1 }],
    ['100 bytes before AES_128', 100, { NumberOfBytes: 100, KeySpec: 'AES_128' }],
    ['with EncryptionContext', 32, { EncryptionContext: { a: '密' } }],
  ]) {
    await walk.check(`GenerateAndExportDataKey, ${name}`, () => generated(first, size, parameters));
  }
  await walk.check('GenerateAndExportDataKey by alias and by ARN names the real key', async () => {
    const AliasName = `alias/${walk.runId}/export`;
    await walk.call('CreateAlias', { AliasName, KeyId });
    await generated(first, 32, { KeyId: AliasName });
    await generated(first, 32, { KeyId: walk.arn('key/', KeyId) });
  });
  const { CiphertextBlob } = await walk.call('GenerateDataKey', { KeyId });
  const withContext = (await walk.call('GenerateDataKey', { KeyId, EncryptionContext: { a: 'b' } })).CiphertextBlob;
  for (const [name, change] of [
    ['an unknown WrappingKeySpec', { WrappingKeySpec: 'RSA_1024' }],
    ['an unknown WrappingAlgorithm', { WrappingAlgorithm: 'RSAES_OAEP_MD5' }],
    ['an algorithm that the spec does not have', { WrappingAlgorithm: 'SM2PKE' }],
    ['a public key that is no base64', { PublicKeyBlob: '!no base64!' }],
    ['a public key that is none', { PublicKeyBlob: local.encode(local.random(294)) }],
    ['a public key of another spec', { PublicKeyBlob: local.sm2Spki }],
  ]) {
    await walk.refuses(`ExportDataKey with ${name} is refused`, 400, 'InvalidParameter', 'ExportDataKey', { CiphertextBlob, ...first, ...change });
    await walk.refuses(`GenerateAndExportDataKey with ${name} is refused`, 400, 'InvalidParameter', 'GenerateAndExportDataKey', {
      KeyId,
      ...first,
      ...change,
    });
  }
  const foreign = Buffer.concat([Buffer.from('00000000-0000-4000-8000-000000000000'), Buffer.alloc(60)]);
  for (const [name, status, code, parameters] of [
    ['a changed blob', 400, 'InvalidParameter', { CiphertextBlob: local.encode(local.flipped(decode(CiphertextBlob))) }],
    ['a missing EncryptionContext', 400, 'InvalidParameter', { CiphertextBlob: withContext }],
    ['a wrong EncryptionContext', 400, 'InvalidParameter', { CiphertextBlob: withContext, EncryptionContext: { a: 'c' } }],
    ['a blob of an unknown key', 404, 'Forbidden.KeyNotFound', { CiphertextBlob: local.encode(foreign) }],
  ]) {
    await walk.refuses(`ExportDataKey with ${name} is refused`, status, code, 'ExportDataKey', { ...first, ...parameters });
  }
  for (const [name, status, code, parameters] of [
    ['1025 bytes', 400, 'InvalidParameter', { NumberOfBytes: 1025 }],
    ['more bytes than the public key takes', 400, 'InvalidParameter', { NumberOfBytes: 191 }],
    ['an unknown KeySpec', 400, 'InvalidParameter', { KeySpec: 'AES_512' }],
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { KeyId: UNKNOWN_KEY }],
    ['an unknown alias', 404, 'Forbidden.AliasNotFound', { KeyId: 'alias/no-such' }],
    ['a key pair', 400, 'UnsupportedOperation', { KeyId: (await walk.keyOf('RSA_2048')).KeyId }],
  ]) {
    await walk.refuses(`GenerateAndExportDataKey with ${name} is refused`, status, code, 'GenerateAndExportDataKey', { KeyId, ...first, ...parameters });
  }
}
