// Key versions and automatic rotation.

import { empty, TIME, UNKNOWN_KEY } from '../checks.mjs';
import { equal, holds, matches } from '../harness.mjs';

const DAY = 86400;

export async function versions(walk) {
  const { KeyId, KeyVersionId: first } = await walk.freshKey();
  const AliasName = `alias/${walk.runId}/versions`;
  await walk.check('CreateKeyVersion: the new version encrypts, the old one still decrypts', async () => {
    await walk.call('CreateAlias', { AliasName, KeyId });
    const { CiphertextBlob } = await walk.call('Encrypt', { KeyId, Plaintext: 'old' });
    const version = (await walk.call('CreateKeyVersion', { KeyId })).KeyVersion;
    equal(version.KeyId, KeyId, 'KeyId');
    matches(TIME, version.CreationDate, 'CreationDate');
    const second = version.KeyVersionId;
    equal(second.length, 36, 'characters of KeyVersionId');
    const metadata = await walk.described(KeyId);
    equal([metadata.PrimaryKeyVersion, metadata.LastRotationDate], [second, version.CreationDate], 'PrimaryKeyVersion and LastRotationDate');
    equal((await walk.call('Encrypt', { KeyId, Plaintext: 'new' })).KeyVersionId, second, 'KeyVersionId of Encrypt');
    const opened = await walk.call('Decrypt', { CiphertextBlob });
    equal([opened.Plaintext, opened.KeyVersionId], ['old', first], 'Plaintext and KeyVersionId of Decrypt');
    equal((await walk.call('DescribeKeyVersion', { KeyId, KeyVersionId: second })).KeyVersion, version, 'DescribeKeyVersion');
    const old = (await walk.call('DescribeKeyVersion', { KeyId: AliasName, KeyVersionId: first })).KeyVersion;
    equal([old.KeyId, old.KeyVersionId], [KeyId, first], 'DescribeKeyVersion of the first version');
  });
  await walk.check('ListKeyVersions: defaults, pages, entries', async () => {
    for (let count = 0; count < 2; count += 1) await walk.call('CreateKeyVersion', { KeyId });
    const answer = await walk.call('ListKeyVersions', { KeyId: AliasName });
    equal([answer.PageNumber, answer.PageSize, answer.TotalCount], [1, 10, 4], 'PageNumber, PageSize, TotalCount');
    const entries = [];
    for (const PageNumber of [1, 2]) {
      entries.push(...(await walk.call('ListKeyVersions', { KeyId, PageNumber, PageSize: 3 })).KeyVersions.KeyVersion);
    }
    equal(new Set(entries.map((entry) => entry.KeyVersionId)).size, 4, 'number of versions over all pages');
    holds(entries.every((entry) => entry.KeyId === KeyId && TIME.test(entry.CreationDate)), 'a wrong entry');
  });
  const { KeyVersionId: otherVersion } = await walk.keyOf('Aliyun_AES_256');
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const [name, status, code, action, parameters] of [
    ['CreateKeyVersion of an unknown key', 404, 'Forbidden.KeyNotFound', 'CreateKeyVersion', { KeyId: UNKNOWN_KEY }],
    ['CreateKeyVersion of a new key pair, within 7 days,', 400, 'Rejected.UnsupportedOperation', 'CreateKeyVersion', { KeyId: (await walk.keyOf('EC_P256')).KeyId }],
    ['DescribeKeyVersion of an unknown key', 404, 'Forbidden.KeyNotFound', 'DescribeKeyVersion', { KeyId: UNKNOWN_KEY, KeyVersionId: first }],
    ['DescribeKeyVersion of an unknown version', 404, 'Forbidden.KeyVersionNotFound', 'DescribeKeyVersion', { KeyId, KeyVersionId: unknown }],
    ["DescribeKeyVersion of another key's version", 404, 'Forbidden.KeyVersionNotFound', 'DescribeKeyVersion', { KeyId, KeyVersionId: otherVersion }],
    ['ListKeyVersions of an unknown key', 404, 'Forbidden.KeyNotFound', 'ListKeyVersions', { KeyId: UNKNOWN_KEY }],
    ['ListKeyVersions of an unknown alias', 404, 'Forbidden.AliasNotFound', 'ListKeyVersions', { KeyId: 'alias/no-such' }],
    ['ListKeyVersions with a PageSize of 101', 400, 'InvalidParameter', 'ListKeyVersions', { KeyId, PageSize: 101 }],
    ['ListKeyVersions with a PageNumber of 0', 400, 'InvalidParameter', 'ListKeyVersions', { KeyId, PageNumber: 0 }],
  ]) {
    await walk.refuses(`${name} is refused`, status, code, action, parameters);
  }
}

export async function rotation(walk) {
  const { KeyId } = await walk.freshKey();
  for (const [RotationInterval, seconds] of [
    ['7d', 7 * DAY],
    ['168h', 7 * DAY],
    ['10080m', 7 * DAY],
    [`${30 * DAY}s`, 30 * DAY],
    ['730d', 730 * DAY],
  ]) {
    await walk.check(`UpdateRotationPolicy every ${RotationInterval}`, async () => {
      await walk.call('UpdateRotationPolicy', { KeyId, EnableAutomaticRotation: true, RotationInterval });
      const metadata = await walk.described(KeyId);
      equal([metadata.AutomaticRotation, metadata.RotationInterval], ['Enabled', `${seconds}s`], 'AutomaticRotation and RotationInterval');
      matches(TIME, metadata.NextRotationDate, 'NextRotationDate');
    });
  }
  await walk.check('automatic rotation of a disabled key is suspended', async () => {
    await walk.call('DisableKey', { KeyId });
    const metadata = await walk.described(KeyId);
    equal([metadata.AutomaticRotation, metadata.RotationInterval], ['Suspended', `${730 * DAY}s`], 'of a disabled key');
    await walk.refused(409, 'Rejected.Disabled', 'UpdateRotationPolicy', { KeyId, EnableAutomaticRotation: false });
    await walk.call('EnableKey', { KeyId });
    equal((await walk.described(KeyId)).AutomaticRotation, 'Enabled', 'AutomaticRotation');
  });
  await walk.check('UpdateRotationPolicy switches automatic rotation off', async () => {
    await walk.call('UpdateRotationPolicy', { KeyId, EnableAutomaticRotation: false });
    const metadata = await walk.described(KeyId);
    equal(metadata.AutomaticRotation, 'Disabled', 'AutomaticRotation');
    empty(metadata, 'RotationInterval', 'NextRotationDate');
  });
  const AliasName = `alias/${walk.runId}/rotation`;
  await walk.check('CreateAlias for UpdateRotationPolicy', () => walk.call('CreateAlias', { AliasName, KeyId }));
  for (const [name, status, code, parameters] of [
    ['an interval below 7 days', 400, 'InvalidParameter', { RotationInterval: `${7 * DAY - 1}s` }],
    ['an interval above 730 days', 400, 'InvalidParameter', { RotationInterval: '731d' }],
    ['an interval in weeks', 400, 'InvalidParameter', { RotationInterval: '2w' }],
    ['a negative interval', 400, 'InvalidParameter', { RotationInterval: '-30d' }],
    ['no interval', 400, ['InvalidParameter', 'MissingParameter'], { RotationInterval: '' }],
    ['an alias', 400, 'Unsupported.Alias', { KeyId: AliasName }],
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { KeyId: UNKNOWN_KEY }],
    ['a key pair', 400, 'Rejected.UnsupportedOperation', { KeyId: (await walk.keyOf('RSA_2048')).KeyId }],
    ['an HMAC key', 400, 'Rejected.UnsupportedOperation', { KeyId: (await walk.keyOf('HMAC_SHA256')).KeyId }],
  ]) {
    await walk.refuses(`UpdateRotationPolicy with ${name} is refused`, status, code, 'UpdateRotationPolicy', {
      KeyId,
      EnableAutomaticRotation: true,
      RotationInterval: '30d',
      ...parameters,
    });
  }
}
