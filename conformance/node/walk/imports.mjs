// Imported key material: GetParametersForImport, ImportKeyMaterial, DeleteKeyMaterial.

import { decode, empty, TIME, UNKNOWN_KEY } from '../checks.mjs';
import { equal, matches } from '../harness.mjs';
import { inDays } from './deletion.mjs';
import * as local from './local.mjs';

/** A key of origin EXTERNAL. */
class Waiting {
  known = new Map();

  static async create(walk, parameters = {}) {
    const key = new Waiting();
    key.walk = walk;
    key.metadata = await walk.newKey({ Origin: 'EXTERNAL', ...parameters });
    key.KeyId = key.metadata.KeyId;
    return key;
  }

  async parameters(WrappingAlgorithm) {
    const { KeyId } = this;
    const answer = await this.walk.call('GetParametersForImport', { KeyId, WrappingAlgorithm, WrappingKeySpec: 'RSA_2048' });
    equal(answer.KeyId, KeyId, 'KeyId');
    matches(TIME, answer.TokenExpireTime, 'TokenExpireTime');
    inDays(answer.TokenExpireTime, 1);
    return { key: local.importKey(answer.PublicKey), ImportToken: answer.ImportToken };
  }

  async wrapped(material, { algorithm = 'RSAES_OAEP_SHA_256', expires = 0 } = {}) {
    // A key pair takes long to make, and a token can be used again.
    if (!this.known.has(algorithm)) this.known.set(algorithm, await this.parameters(algorithm));
    const { key, ImportToken } = this.known.get(algorithm);
    const EncryptedKeyMaterial = local.encode(local.encrypted(algorithm, key, material));
    return { KeyId: this.KeyId, EncryptedKeyMaterial, ImportToken, KeyMaterialExpireUnix: expires };
  }

  async bring(material, options) {
    await this.walk.call('ImportKeyMaterial', await this.wrapped(material, options));
  }

  async state() {
    return (await this.walk.described(this.KeyId)).KeyState;
  }
}

export async function importedKeys(walk) {
  const notMaterial = (parameters) => walk.refused(400, 'InvalidKeyMaterial', 'ImportKeyMaterial', parameters);
  await walk.check('CreateKey of origin EXTERNAL waits for its material', async () => {
    const key = await Waiting.create(walk);
    for (const metadata of [key.metadata, await walk.described(key.KeyId)]) {
      walk.shows('DescribeKey', metadata, { Origin: 'EXTERNAL', KeyState: 'PendingImport', AutomaticRotation: 'Disabled' });
      empty(metadata, 'MaterialExpireTime');
    }
  });
  for (const algorithm of local.WRAPPINGS) {
    await walk.check(`ImportKeyMaterial wrapped by ${algorithm}`, async () => {
      const key = await Waiting.create(walk);
      await key.bring(local.random(32), { algorithm });
      equal(await key.state(), 'Enabled', 'KeyState');
      empty(await walk.described(key.KeyId), 'MaterialExpireTime');
      const { CiphertextBlob } = await walk.call('Encrypt', { KeyId: key.KeyId, Plaintext: 'imported' });
      equal((await walk.call('Decrypt', { CiphertextBlob })).Plaintext, 'imported', 'Plaintext');
    });
  }
  await walk.check('ImportKeyMaterial of 16 bytes for Aliyun_SM4', async () => {
    const key = await Waiting.create(walk, { KeySpec: 'Aliyun_SM4' });
    await notMaterial(await key.wrapped(Buffer.alloc(32)));
    await key.bring(local.random(16));
    equal(await key.state(), 'Enabled', 'KeyState');
  });
  await walk.check('a key takes only its own material again, after DeleteKeyMaterial too', async () => {
    const key = await Waiting.create(walk);
    const material = local.random(32);
    await key.bring(material);
    const { CiphertextBlob } = await walk.call('Encrypt', { KeyId: key.KeyId, Plaintext: 'kept' });
    const tomorrow = Math.floor(Date.now() / 1000) + 86400;
    await key.bring(material, { expires: tomorrow });
    const shown = new Date(tomorrow * 1000).toISOString().replace('.000', '');
    equal((await walk.described(key.KeyId)).MaterialExpireTime, shown, 'MaterialExpireTime');
    await notMaterial(await key.wrapped(local.random(32)));
    await walk.call('DeleteKeyMaterial', { KeyId: key.KeyId });
    equal(await key.state(), 'PendingImport', 'KeyState');
    await walk.refused(409, 'Rejected.PendingImport', 'Decrypt', { CiphertextBlob });
    await notMaterial(await key.wrapped(local.random(32)));
    await key.bring(material);
    equal((await walk.call('Decrypt', { CiphertextBlob })).Plaintext, 'kept', 'Plaintext');
  });
  await walk.check("two keys with equal material do not read each other's blobs", async () => {
    const material = local.random(32);
    const [one, two] = [await Waiting.create(walk), await Waiting.create(walk)];
    await one.bring(material);
    await two.bring(material);
    const blob = decode((await walk.call('Encrypt', { KeyId: one.KeyId, Plaintext: 'of one key' })).CiphertextBlob);
    const version = decode((await walk.call('Encrypt', { KeyId: two.KeyId, Plaintext: 'x' })).CiphertextBlob).subarray(0, 36);
    const mixed = local.encode(Buffer.concat([version, blob.subarray(36)]));
    await walk.refused(400, 'InvalidParameter', 'Decrypt', { CiphertextBlob: mixed });
  });
  await walk.check('ImportKeyMaterial of wrong material is refused', async () => {
    const key = await Waiting.create(walk);
    const good = await key.wrapped(local.random(32));
    for (const size of [16, 31, 33]) await notMaterial(await key.wrapped(Buffer.alloc(size)));
    const changed = local.encode(local.flipped(decode(good.EncryptedKeyMaterial)));
    await notMaterial({ ...good, EncryptedKeyMaterial: changed });
    equal(await key.state(), 'PendingImport', 'KeyState');
    await walk.call('ImportKeyMaterial', good);
  });
  await walk.check('five failures kill an import token', async () => {
    const key = await Waiting.create(walk);
    const good = await key.wrapped(local.random(32));
    for (let count = 0; count < 5; count += 1) await notMaterial({ ...good, EncryptedKeyMaterial: local.encode(Buffer.alloc(256)) });
    await walk.refused(400, 'InvalidImportToken', 'ImportKeyMaterial', good);
  });
  await walk.check('ImportKeyMaterial with another token or a past expiry is refused', async () => {
    const [one, two] = [await Waiting.create(walk), await Waiting.create(walk)];
    const [good, other] = [await one.wrapped(Buffer.alloc(32)), await two.wrapped(Buffer.alloc(32))];
    for (const ImportToken of [other.ImportToken, local.encode(local.flipped(decode(good.ImportToken))), local.encode('no token')]) {
      await walk.refused(400, 'InvalidImportToken', 'ImportKeyMaterial', { ...good, ImportToken });
    }
    const past = Math.floor(Date.now() / 1000) - 60;
    await walk.refused(400, 'InvalidParameter', 'ImportKeyMaterial', { ...good, KeyMaterialExpireUnix: past });
  });
  const { KeyId } = await Waiting.create(walk);
  const AliasName = `alias/${walk.runId}/waiting`;
  await walk.check('CreateAlias of a key that waits', () => walk.call('CreateAlias', { AliasName, KeyId }));
  const material = { EncryptedKeyMaterial: local.encode(Buffer.alloc(256)), ImportToken: local.encode('token'), KeyMaterialExpireUnix: 0 };
  const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
  for (const [action, parameters] of [['GetParametersForImport', wrapping], ['ImportKeyMaterial', material], ['DeleteKeyMaterial', {}]]) {
    for (const [name, status, code, key] of [
      ["a key of the service's own material", 400, 'Unsupported.Origin', (await walk.keyOf('Aliyun_AES_256')).KeyId],
      ['an alias', 400, 'Unsupported.Alias', AliasName],
      ['an unknown key', 404, 'Forbidden.KeyNotFound', UNKNOWN_KEY],
    ]) {
      await walk.refuses(`${action} with ${name} is refused`, status, code, action, { KeyId: key, ...parameters });
    }
  }
  for (const [name, change] of [
    ['an unknown algorithm', { WrappingAlgorithm: 'RSAES_OAEP_MD5' }],
    ['an unknown spec', { WrappingKeySpec: 'RSA_1024' }],
    ['an algorithm that the spec does not have', { WrappingAlgorithm: 'SM2PKE' }],
  ]) {
    await walk.refuses(`GetParametersForImport with ${name} is refused`, 400, 'InvalidParameter', 'GetParametersForImport', { KeyId, ...wrapping, ...change });
  }
  for (const action of ['EnableKey', 'DisableKey', 'CancelKeyDeletion']) {
    await walk.refuses(`${action} of a key that waits is refused`, 409, 'Rejected.StateModifiedFailed', action, { KeyId });
  }
  await walk.refuses('CreateKeyVersion of a key that waits is refused', 400, 'Rejected.UnsupportedOperation', 'CreateKeyVersion', { KeyId });
  await walk.refuses('UpdateRotationPolicy of a key that waits is refused', 400, 'Rejected.UnsupportedOperation', 'UpdateRotationPolicy', {
    KeyId,
    EnableAutomaticRotation: true,
    RotationInterval: '30d',
  });
  await walk.check('a key that waits, through ScheduleKeyDeletion and back', async () => {
    const key = await Waiting.create(walk);
    const good = await key.wrapped(Buffer.alloc(32));
    await walk.call('ScheduleKeyDeletion', { KeyId: key.KeyId, PendingWindowInDays: 7 });
    await walk.refused(409, 'Rejected.StateModifiedFailed', 'ImportKeyMaterial', good);
    await key.parameters('RSAES_OAEP_SHA_256');
    await walk.call('DeleteKeyMaterial', { KeyId: key.KeyId });
    equal(await key.state(), 'PendingDeletion', 'KeyState');
    await walk.call('CancelKeyDeletion', { KeyId: key.KeyId });
    equal(await key.state(), 'PendingImport', 'KeyState');
  });
}
