// ScheduleKeyDeletion, CancelKeyDeletion, SetDeletionProtection.

import { empty, UNKNOWN_KEY } from '../checks.mjs';
import { equal, holds } from '../harness.mjs';

/** Whether the time is that many days from now, give or take a minute. */
export function inDays(text, days) {
  const off = Date.parse(text) - Date.now() - days * 86400e3;
  holds(Math.abs(off) < 60e3, `${text} is ${off} ms away from ${days} days`);
}

export async function keyDeletion(walk) {
  const { KeyId } = await walk.freshKey();
  const AliasName = `alias/${walk.runId}/deletion`;
  await walk.check('CreateAlias for ScheduleKeyDeletion', () => walk.call('CreateAlias', { AliasName, KeyId }));
  for (const [name, status, code, parameters] of [
    ['a window of 6 days', 400, 'InvalidParameter', { PendingWindowInDays: 6 }],
    ['a window of 367 days', 400, 'InvalidParameter', { PendingWindowInDays: 367 }],
    ['an alias', 400, 'Unsupported.Alias', { KeyId: AliasName }],
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { KeyId: UNKNOWN_KEY }],
  ]) {
    await walk.refuses(`ScheduleKeyDeletion with ${name} is refused`, status, code, 'ScheduleKeyDeletion', {
      KeyId,
      PendingWindowInDays: 7,
      ...parameters,
    });
  }
  await walk.refuses('CancelKeyDeletion of an enabled key is refused', 409, 'Rejected.StateModifiedFailed', 'CancelKeyDeletion', { KeyId });
  await walk.refuses('CancelKeyDeletion by alias is refused', 400, 'Unsupported.Alias', 'CancelKeyDeletion', { KeyId: AliasName });
  await walk.refuses('CancelKeyDeletion of an unknown key is refused', 404, 'Forbidden.KeyNotFound', 'CancelKeyDeletion', { KeyId: UNKNOWN_KEY });
  const scheduled = async (PendingWindowInDays) => {
    await walk.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays });
    const metadata = await walk.described(KeyId);
    equal(metadata.KeyState, 'PendingDeletion', 'KeyState');
    inDays(metadata.DeleteDate, PendingWindowInDays);
  };
  await walk.check('ScheduleKeyDeletion in 366 days', () => scheduled(366));
  await walk.check('CancelKeyDeletion', async () => {
    await walk.call('CancelKeyDeletion', { KeyId });
    const metadata = await walk.described(KeyId);
    equal(metadata.KeyState, 'Enabled', 'KeyState');
    empty(metadata, 'DeleteDate');
    await walk.call('Encrypt', { KeyId, Plaintext: 'x' });
  });
  await walk.check('ScheduleKeyDeletion in 7 days', () => scheduled(7));
  for (const [name, code, action, parameters] of [
    ['ScheduleKeyDeletion', 'Rejected.StateModifiedFailed', 'ScheduleKeyDeletion', { PendingWindowInDays: 7 }],
    ['EnableKey', 'Rejected.StateModifiedFailed', 'EnableKey', {}],
    ['DisableKey', 'Rejected.StateModifiedFailed', 'DisableKey', {}],
    ['CreateAlias', 'Rejected.StateModifiedFailed', 'CreateAlias', { AliasName: `${AliasName}-2` }],
    ['CreateKeyVersion', 'Rejected.PendingDeletion', 'CreateKeyVersion', {}],
    ['UpdateRotationPolicy', 'Rejected.PendingDeletion', 'UpdateRotationPolicy', { EnableAutomaticRotation: true, RotationInterval: '30d' }],
  ]) {
    await walk.refuses(`${name} of a key that will be deleted is refused`, 409, code, action, { KeyId, ...parameters });
  }
  await walk.refuses('SetDeletionProtection of a key that will be deleted is refused', 409, 'Rejected.PendingDeletion', 'SetDeletionProtection', {
    ProtectedResourceArn: walk.arn('key/', KeyId),
    EnableDeletionProtection: true,
  });
  await walk.check('UpdateAlias to a key that will be deleted is refused', async () => {
    const moving = `alias/${walk.runId}/moving`;
    await walk.call('CreateAlias', { AliasName: moving, KeyId: (await walk.keyOf('Aliyun_AES_256')).KeyId });
    await walk.refused(409, 'Rejected.PendingDeletion', 'UpdateAlias', { AliasName: moving, KeyId });
  });
  await walk.check('a key that will be deleted can still be looked at', async () => {
    equal((await walk.described(AliasName)).KeyId, KeyId, 'KeyId');
    equal((await walk.call('ListAliasesByKeyId', { KeyId })).TotalCount, 1, 'TotalCount of ListAliasesByKeyId');
    equal((await walk.call('ListKeyVersions', { KeyId })).TotalCount, 1, 'TotalCount of ListKeyVersions');
    await walk.call('ListResourceTags', { KeyId });
    await walk.call('UpdateKeyDescription', { KeyId, Description: 'going' });
    await walk.call('DeleteAlias', { AliasName });
  });
  await walk.check('CancelKeyDeletion enables a key that was disabled', async () => {
    const disabled = (await walk.newKey()).KeyId;
    await walk.call('DisableKey', { KeyId: disabled });
    await walk.call('ScheduleKeyDeletion', { KeyId: disabled, PendingWindowInDays: 7 });
    await walk.call('CancelKeyDeletion', { KeyId: disabled });
    equal((await walk.described(disabled)).KeyState, 'Enabled', 'KeyState');
  });
}

export async function deletionProtection(walk) {
  const { KeyId } = await walk.freshKey();
  const ProtectedResourceArn = walk.arn('key/', KeyId);
  const protect = async (on, reason, name) => {
    await walk.call('SetDeletionProtection', {
      EnableDeletionProtection: on,
      ...name,
      ...(reason && { DeletionProtectionDescription: reason }),
    });
    walk.shows('DescribeKey', await walk.described(KeyId), {
      DeletionProtection: on ? 'Enabled' : 'Disabled',
      DeletionProtectionDescription: reason,
    });
  };
  await walk.check('SetDeletionProtection by ARN', () => protect(true, 'holds the books, 密', { ProtectedResourceArn }));
  await walk.refuses('ScheduleKeyDeletion of a protected key is refused', 400, 'Rejected.UnsupportedOperation', 'ScheduleKeyDeletion', {
    KeyId,
    PendingWindowInDays: 7,
  });
  await walk.check('SetDeletionProtection off by ARN', () => protect(false, '', { ProtectedResourceArn }));
  await walk.check('SetDeletionProtection by KeyId', () => protect(true, '', { KeyId }));
  await walk.check('ScheduleKeyDeletion of a key that is protected no more', async () => {
    await protect(false, '', { KeyId });
    await walk.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
  });
  for (const [name, status, code, parameters] of [
    ['no resource', 400, ['InvalidParameter', 'MissingParameter'], {}],
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { ProtectedResourceArn: walk.arn('key/', UNKNOWN_KEY) }],
    ['an ARN that is none', 400, 'InvalidParameter', { ProtectedResourceArn: 'acs:kms' }],
    ['an unknown instance', 403, 'Forbidden.DKMSInstanceNotFound', { KmsInstanceId: 'kst-hzz00000000aaaaaaaaaa' }],
  ]) {
    await walk.refuses(`SetDeletionProtection with ${name} is refused`, status, code, 'SetDeletionProtection', {
      EnableDeletionProtection: true,
      ...parameters,
    });
  }
}
