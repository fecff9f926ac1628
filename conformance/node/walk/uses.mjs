// A good call of each operation that uses a key or reads a value: what DryRun and the key states are held against.

import * as local from './local.mjs';
import { ENCRYPT } from './specs.mjs';

/** The calls of a walk, with keys of their own, so that the keys' states may change in the end. */
async function usesOf(walk) {
  walk.uses ??= await makeUses(walk);
  return walk.uses;
}

async function makeUses(walk) {
  const rsa = new local.RsaPair();
  const wrapping = { PublicKeyBlob: rsa.spki, WrappingKeySpec: 'RSA_2048', WrappingAlgorithm: 'RSAES_OAEP_SHA_256' };
  const cipher = (await walk.newKey()).KeyId;
  const target = (await walk.newKey()).KeyId;
  const sign = await walk.freshKey({ KeySpec: 'EC_P256' });
  const pair = await walk.freshKey({ KeySpec: 'RSA_2048', KeyUsage: ENCRYPT });
  const mac = (await walk.newKey({ KeySpec: 'HMAC_SHA256' })).KeyId;
  const blob = (await walk.call('Encrypt', { KeyId: cipher, Plaintext: 'x' })).CiphertextBlob;
  const other = (await walk.call('Encrypt', { KeyId: target, Plaintext: 'x' })).CiphertextBlob;
  const dataKey = (await walk.call('GenerateDataKey', { KeyId: cipher })).CiphertextBlob;
  const signing = { ...sign, Algorithm: 'ECDSA_SHA_256', Digest: local.encode(Buffer.alloc(32)) };
  const { Value } = await walk.call('AsymmetricSign', signing);
  const pairing = { ...pair, Algorithm: 'RSAES_OAEP_SHA_256' };
  const Plaintext = local.encode('x');
  const sealed = (await walk.call('AsymmetricEncrypt', { ...pairing, Plaintext })).CiphertextBlob;
  const macing = { KeyId: mac, Algorithm: 'HMAC_SHA_256', Message: local.encode('x') };
  const { Mac } = await walk.call('GenerateMac', macing);
  const bad = '!no base64!';
  // How the call is named, which operation it is, its parameters, and a parameter that makes it wrong.
  const calls = [
    ['Encrypt', 'Encrypt', { KeyId: cipher, Plaintext: 'x' }, { Plaintext: 'x'.repeat(6145) }],
    ['Decrypt', 'Decrypt', { CiphertextBlob: blob }, { CiphertextBlob: bad }],
    ['GenerateDataKey', 'GenerateDataKey', { KeyId: cipher }, { NumberOfBytes: 1025 }],
    ['GenerateDataKeyWithoutPlaintext', 'GenerateDataKeyWithoutPlaintext', { KeyId: cipher }, { NumberOfBytes: 1025 }],
    ['ReEncrypt', 'ReEncrypt', { CiphertextBlob: blob, DestinationKeyId: target }, { CiphertextBlob: bad }],
    ['ReEncrypt into the key', 'ReEncrypt', { CiphertextBlob: other, DestinationKeyId: cipher }, { CiphertextBlob: bad }],
    ['ExportDataKey', 'ExportDataKey', { CiphertextBlob: dataKey, ...wrapping }, { PublicKeyBlob: bad }],
    ['GenerateAndExportDataKey', 'GenerateAndExportDataKey', { KeyId: cipher, ...wrapping }, { PublicKeyBlob: bad }],
    ['GetPublicKey', 'GetPublicKey', sign, { KeyVersionId: '00000000-0000-4000-8000-000000000000' }],
    ['AsymmetricSign', 'AsymmetricSign', signing, { Digest: bad }],
    ['AsymmetricVerify', 'AsymmetricVerify', { ...signing, Value }, { Digest: bad }],
    ['AsymmetricEncrypt', 'AsymmetricEncrypt', { ...pairing, Plaintext }, { Plaintext: bad }],
    ['AsymmetricDecrypt', 'AsymmetricDecrypt', { ...pairing, CiphertextBlob: sealed }, { CiphertextBlob: bad }],
    ['GenerateMac', 'GenerateMac', macing, { Message: bad }],
    ['VerifyMac', 'VerifyMac', { ...macing, Mac }, { Message: bad }],
  ];
  return { calls, cipher, keys: [cipher, sign.KeyId, pair.KeyId, mac] };
}

/** DryRun is always answered with an error, which says how the call would have ended. */
export async function rehearsals(walk) {
  const { calls } = await usesOf(walk);
  const SecretName = `${walk.runId}/rehearsed`;
  await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: 'x' });
  const read = ['GetSecretValue', 'GetSecretValue', { SecretName }, { VersionId: 'v9' }];
  for (const [name, action, good, wrong] of [...calls, read]) {
    await walk.refuses(`${name} with DryRun: it would work`, 400, 'DryRunOperationError', action, { ...good, DryRun: 'true' });
    await walk.refuses(`${name} with DryRun: it would fail`, 400, 'ValidationError', action, { ...good, ...wrong, DryRun: 'true' });
    await walk.check(`${name} with DryRun=false is done`, () => walk.call(action, { ...good, DryRun: 'false' }));
    await walk.refuses(`${name} with DryRun=perhaps is refused`, 400, 'InvalidParameter', action, { ...good, DryRun: 'perhaps' });
  }
}

/** What needs the vendor's own attestation service. */
export async function notOffered(walk) {
  const { calls } = await usesOf(walk);
  const SecretName = `${walk.runId}/attested`;
  await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: 'x' });
  await walk.refuses('GetChallenge is not offered', 400, 'UnsupportedOperation', 'GetChallenge');
  for (const [, action, good] of [...calls, ['', 'GetSecretValue', { SecretName }]]) {
    if (!['Decrypt', 'GenerateDataKey', 'AsymmetricDecrypt', 'GetSecretValue'].includes(action)) continue;
    await walk.refuses(`${action} for a Recipient is not offered`, 400, 'UnsupportedOperation', action, {
      ...good,
      Recipient: local.encode('document'),
    });
  }
}

/** The table of which state lets which operation through. */
export async function states(walk) {
  const { calls, cipher, keys } = await usesOf(walk);
  const allRefused = async (state) => {
    for (const [name, action, parameters] of calls) {
      await walk.refuses(`${name} with a key in state ${state} is refused`, 409, `Rejected.${state}`, action, parameters);
    }
  };
  for (const KeyId of keys) await walk.call('DisableKey', { KeyId });
  await allRefused('Disabled');
  await walk.refuses('CreateKeyVersion of a disabled key is refused', 409, 'Rejected.Disabled', 'CreateKeyVersion', { KeyId: cipher });
  await walk.check('a disabled key can still be managed', async () => {
    for (const KeyId of keys) {
      const AliasName = `alias/${walk.runId}/${KeyId}`;
      await walk.call('UpdateKeyDescription', { KeyId, Description: 'off' });
      await walk.call('TagResource', { KeyId, Tags: '[{"TagKey":"a","TagValue":"b"}]' });
      await walk.call('ListKeyVersions', { KeyId });
      await walk.call('GetKeyPolicy', { KeyId });
      await walk.call('CreateAlias', { AliasName, KeyId });
      await walk.call('UpdateAlias', { AliasName, KeyId });
    }
  });
  for (const KeyId of keys) await walk.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
  await allRefused('PendingDeletion');
  for (const KeyId of keys) await walk.call('CancelKeyDeletion', { KeyId });
  for (const [name, action, parameters] of calls) await walk.check(`${name} works again`, () => walk.call(action, parameters));
  const waiting = (await walk.newKey({ Origin: 'EXTERNAL' })).KeyId;
  for (const [name, action, parameters] of calls) {
    const field = name === 'ReEncrypt into the key' ? 'DestinationKeyId' : 'KeyId';
    if (parameters[field] !== cipher) continue;
    await walk.refuses(`${name} with a key in state PendingImport is refused`, 409, 'Rejected.PendingImport', action, {
      ...parameters,
      [field]: waiting,
    });
  }
}
