// Every key spec: CreateKey, DescribeKey, GetPublicKey, UpdateKeyDescription.

import { empty, TIME, UNKNOWN_KEY } from '../checks.mjs';
import { equal, matches } from '../harness.mjs';
import * as local from './local.mjs';

export const ENCRYPT = 'ENCRYPT/DECRYPT';
const SIGN = 'SIGN/VERIFY';
const MAC = 'GENERATE/VERIFY_MAC';
const CIPHERS = ['Aliyun_AES_256', 'Aliyun_AES_192', 'Aliyun_AES_128', 'Aliyun_SM4'];
const PAIRS = {
  RSA_2048: [SIGN, ENCRYPT],
  RSA_3072: [SIGN, ENCRYPT],
  RSA_4096: [SIGN, ENCRYPT],
  EC_P256: [SIGN],
  EC_P256K: [SIGN],
  EC_SM2: [SIGN, ENCRYPT],
};
const MACS = ['HMAC_SHA224', 'HMAC_SHA256', 'HMAC_SHA384', 'HMAC_SHA512', 'HMAC_SM3', 'HMAC_SHA_256'];
const PEM = /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]{64}\n)*[A-Za-z0-9+/=]{1,64}\n-----END PUBLIC KEY-----\n$/;
const VERSION_ID = /^[0-9A-Za-z-]{36}$/;
export const LARGE = ['RSA_3072', 'RSA_4096'];

function metadataIs(walk, metadata, expected) {
  const fixed = { KeyState: 'Enabled', Origin: 'Aliyun_KMS', AutomaticRotation: 'Disabled', Creator: walk.ready.account };
  walk.shows('DescribeKey', metadata, { ...fixed, ...expected });
  matches(TIME, metadata.CreationDate, 'CreationDate');
  equal(metadata.Arn, walk.arn('key/', metadata.KeyId), 'Arn');
  empty(metadata, 'DKMSInstanceId', 'DeleteDate', 'MaterialExpireTime');
}

export async function creation(walk) {
  const created = async (KeySpec, defaultUsage, KeyUsage, hasPrimary) => {
    const metadata = await walk.newKey({ KeySpec, ...(KeyUsage && { KeyUsage }) });
    const { KeyId } = metadata;
    const expected = { KeySpec, KeyUsage: KeyUsage ?? defaultUsage };
    metadataIs(walk, metadata, expected);
    const described = await walk.described(KeyId);
    metadataIs(walk, described, { DeletionProtection: 'Disabled', ...expected });
    const versions = await walk.call('ListKeyVersions', { KeyId });
    equal(versions.TotalCount, 1, 'TotalCount of ListKeyVersions');
    const [{ KeyVersionId }] = versions.KeyVersions.KeyVersion;
    matches(VERSION_ID, KeyVersionId, 'KeyVersionId');
    if (hasPrimary) {
      equal(described.PrimaryKeyVersion, KeyVersionId, 'PrimaryKeyVersion');
      equal(described.LastRotationDate, described.CreationDate, 'LastRotationDate');
    } else {
      empty(metadata, 'PrimaryKeyVersion');
      empty(described, 'PrimaryKeyVersion');
    }
    const name = `${KeySpec} ${KeyUsage}`;
    if (!walk.made.has(name)) walk.made.set(name, { KeyId, KeyVersionId });
  };
  const wrong = (KeySpec, KeyUsage) =>
    walk.refuses(`CreateKey ${KeySpec} for ${KeyUsage} is refused`, 400, 'InvalidParameter', 'CreateKey', { KeySpec, KeyUsage });
  for (const spec of CIPHERS) {
    await walk.check(`CreateKey ${spec}`, () => created(spec, ENCRYPT, undefined, true));
    await wrong(spec, SIGN);
    await wrong(spec, MAC);
  }
  for (const [spec, usages] of Object.entries(PAIRS)) {
    if (LARGE.includes(spec) && !walk.thorough) continue;
    await walk.check(`CreateKey ${spec}`, () => created(spec, SIGN, undefined, false));
    await wrong(spec, MAC);
    if (usages.includes(ENCRYPT)) await walk.check(`CreateKey ${spec} for ${ENCRYPT}`, () => created(spec, SIGN, ENCRYPT, false));
    else await wrong(spec, ENCRYPT);
  }
  const createdMac = async (KeySpec, usage = {}) => {
    const metadata = await walk.newKey({ KeySpec, ...usage });
    metadataIs(walk, metadata, { KeySpec, KeyUsage: MAC });
    metadataIs(walk, await walk.described(metadata.KeyId), { KeySpec, KeyUsage: MAC });
  };
  for (const spec of MACS) {
    await walk.check(`CreateKey ${spec}`, () => createdMac(spec));
    await wrong(spec, ENCRYPT);
    await wrong(spec, SIGN);
  }
  for (const KeyUsage of [MAC, 'GENERATE_VERIFY_MAC', 'GENERATE/VERIFY']) {
    await walk.check(`CreateKey HMAC_SHA256 for ${KeyUsage}`, () => createdMac('HMAC_SHA256', { KeyUsage }));
  }
}

export async function creationRefused(walk) {
  const tags = (TagKey, TagValue) => ({ Tags: JSON.stringify([{ TagKey, TagValue }]) });
  const rotated = (RotationInterval, more) => ({ EnableAutomaticRotation: true, RotationInterval, ...more });
  for (const [name, code, parameters] of [
    ['an unknown KeyUsage', 'InvalidParameter', { KeyUsage: 'WRAP/UNWRAP' }],
    ['a KeySpec in lower case', 'InvalidParameter', { KeySpec: 'rsa_2048' }],
    ['an unknown ProtectionLevel', 'InvalidParameter', { ProtectionLevel: 'PAPER' }],
    ['an Origin in lower case', 'InvalidParameter', { Origin: 'external' }],
    ['a Description of 8193 characters', 'InvalidParameter', { Description: 'd'.repeat(8193) }],
    ['Tags that are no JSON', 'InvalidParameter', { Tags: 'team=blue' }],
    ['a tag twice', 'Duplicate.TagKey', { Tags: '[{"TagKey":"a","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]' }],
    ['a tag key of aliyun', 'InvalidParameter.TagKey', tags('aliyun.x', '1')],
    ['a tag key of acs:', 'InvalidParameter.TagKey', tags('acs:x', '1')],
    ['a tag key of 129 characters', 'InvalidParameter.TagKey', tags('k'.repeat(129), '')],
    ['a tag value with <', 'InvalidParameter.TagValue', tags('a', '<')],
    ['rotation without an interval', ['InvalidParameter', 'MissingParameter'], { EnableAutomaticRotation: true }],
    ['rotation every 6 days', 'InvalidParameter', rotated('6d')],
    ['rotation every 731 days', 'InvalidParameter', rotated('731d')],
    ['rotation every week, in words', 'InvalidParameter', rotated('weekly')],
    ['rotation of a key pair', 'Rejected.UnsupportedOperation', rotated('30d', { KeySpec: 'EC_P256' })],
    ['rotation of an HMAC key', 'Rejected.UnsupportedOperation', rotated('30d', { KeySpec: 'HMAC_SHA256' })],
    ['rotation of imported material', 'Rejected.UnsupportedOperation', rotated('30d', { Origin: 'EXTERNAL' })],
    ['a policy that is none', 'InvalidParameter', { Policy: 'everybody' }],
  ]) {
    await walk.refuses(`CreateKey with ${name} is refused`, 400, code, 'CreateKey', parameters);
  }
  await walk.refuses('CreateKey in an unknown instance is refused', 403, 'Forbidden.DKMSInstanceNotFound', 'CreateKey', {
    DKMSInstanceId: 'kst-hzz00000000aaaaaaaaaa',
  });
  await walk.check('CreateKey with automatic rotation', async () => {
    const metadata = await walk.newKey(rotated('30d'));
    equal([metadata.AutomaticRotation, metadata.RotationInterval], ['Enabled', `${30 * 86400}s`], 'AutomaticRotation and RotationInterval');
    equal(Date.parse(metadata.NextRotationDate) - Date.parse(metadata.CreationDate), 30 * 86400e3, 'time until NextRotationDate');
  });
}

export async function publicKeys(walk) {
  const right = async (spec, usage) => {
    const { KeyId, KeyVersionId } = await walk.keyOf(spec, usage);
    const AliasName = `alias/${walk.runId}/public-${spec}-${usage ?? SIGN}`;
    await walk.call('CreateAlias', { AliasName, KeyId });
    const texts = new Set();
    for (const name of [KeyId, walk.arn('key/', KeyId), AliasName]) {
      const answer = await walk.call('GetPublicKey', { KeyId: name, KeyVersionId });
      equal([answer.KeyId, answer.KeyVersionId], [KeyId, KeyVersionId], 'KeyId and KeyVersionId');
      texts.add(answer.PublicKey);
    }
    equal(texts.size, 1, 'number of different public keys');
    const [pem] = texts;
    matches(PEM, pem, 'PublicKey');
    const key = local.publicKey(pem);
    const details = key.asymmetricKeyDetails;
    if (spec.startsWith('RSA')) {
      equal([key.asymmetricKeyType, details.modulusLength, details.publicExponent], ['rsa', Number(spec.slice(4)), 65537n], 'the key');
    } else if (spec !== 'EC_SM2') {
      equal([key.asymmetricKeyType, details.namedCurve], ['ec', { EC_P256: 'prime256v1', EC_P256K: 'secp256k1' }[spec]], 'the key');
    }
  };
  for (const spec of Object.keys(PAIRS)) {
    if (LARGE.includes(spec) && !walk.thorough) continue;
    await walk.check(`GetPublicKey of ${spec}, by id, ARN and alias`, () => right(spec));
  }
  await walk.check('GetPublicKey of a key for encryption', () => right('RSA_2048', ENCRYPT));
  const { KeyId } = await walk.keyOf('EC_P256');
  const { KeyVersionId: otherVersion } = await walk.keyOf('EC_P256K');
  const KeyVersionId = `${KeyId}-${'x'.repeat(10)}`;
  for (const [name, status, code, parameters] of [
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { KeyId: UNKNOWN_KEY, KeyVersionId }],
    ['an unknown alias', 404, 'Forbidden.AliasNotFound', { KeyId: 'alias/no-such', KeyVersionId }],
    ['an unknown version', 404, 'Forbidden.KeyVersionNotFound', { KeyId, KeyVersionId }],
    ['the version of another key', 404, 'Forbidden.KeyVersionNotFound', { KeyId, KeyVersionId: otherVersion }],
    ['a symmetric key', 400, 'Rejected.UnsupportedOperation', await walk.keyOf('Aliyun_AES_256')],
  ]) {
    await walk.refuses(`GetPublicKey of ${name} is refused`, status, code, 'GetPublicKey', parameters);
  }
}

export async function descriptions(walk) {
  const { KeyId } = await walk.keyOf('Aliyun_AES_128');
  for (const [name, Description] of [
    ['text beyond ASCII', 'Grüße, 密钥 & a+b=c'],
    ['8192 characters', 'd'.repeat(8192)],
    ['nothing', ''],
  ]) {
    await walk.check(`UpdateKeyDescription to ${name}`, async () => {
      await walk.call('UpdateKeyDescription', { KeyId, Description });
      equal((await walk.described(KeyId)).Description ?? '', Description, 'Description');
    });
  }
  const AliasName = `alias/${walk.runId}/described`;
  await walk.check('CreateAlias for the descriptions', () => walk.call('CreateAlias', { AliasName, KeyId }));
  for (const [name, status, code, parameters] of [
    ['8193 characters', 400, 'InvalidParameter', { KeyId, Description: 'd'.repeat(8193) }],
    ['an alias', 400, 'Unsupported.Alias', { KeyId: AliasName, Description: 'x' }],
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { KeyId: UNKNOWN_KEY, Description: 'x' }],
  ]) {
    await walk.refuses(`UpdateKeyDescription with ${name} is refused`, status, code, 'UpdateKeyDescription', parameters);
  }
}
