// DeleteSecret, RestoreSecret, UpdateSecret, and the key under which a secret's values are.

import { empty, TIME } from '../checks.mjs';
import { equal, matches } from '../harness.mjs';
import { inDays } from './deletion.mjs';

export async function secretDeletion(walk) {
  const SecretName = `${walk.runId}/deleted`;
  const none = `${walk.runId}/none`;
  await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: '1' });
  for (const [what, status, code, parameters] of [
    ['a window of 6 days', 400, 'InvalidParameter', { RecoveryWindowInDays: '6' }],
    ['a window of 31 days', 400, 'InvalidParameter', { RecoveryWindowInDays: '31' }],
    ['a window that is no number', 400, 'InvalidParameter', { RecoveryWindowInDays: 'soon' }],
    ['a window and force', 400, 'InvalidParameter', { RecoveryWindowInDays: '7', ForceDeleteWithoutRecovery: 'true' }],
    ['force that is no boolean', 400, 'InvalidParameter', { ForceDeleteWithoutRecovery: 'perhaps' }],
    ['an unknown secret', 404, 'Forbidden.ResourceNotFound', { SecretName: none }],
  ]) {
    await walk.refuses(`DeleteSecret with ${what} is refused`, status, code, 'DeleteSecret', { SecretName, ...parameters });
  }
  await walk.refuses('RestoreSecret of a secret that is not deleted is refused', 409, 'Rejected.ResourceInUse', 'RestoreSecret', { SecretName });
  await walk.refuses('RestoreSecret of an unknown secret is refused', 404, 'Forbidden.ResourceNotFound', 'RestoreSecret', { SecretName: none });
  const deleted = async (days, parameters) => {
    const answer = await walk.call('DeleteSecret', { SecretName, ...parameters });
    equal(answer.SecretName, SecretName, 'SecretName');
    matches(TIME, answer.PlannedDeleteTime, 'PlannedDeleteTime');
    inDays(answer.PlannedDeleteTime, days);
    equal((await walk.call('DescribeSecret', { SecretName })).PlannedDeleteTime, answer.PlannedDeleteTime, 'PlannedDeleteTime of DescribeSecret');
  };
  await walk.check('DeleteSecret in 30 days', () => deleted(30));
  await walk.check('RestoreSecret', async () => {
    equal((await walk.call('RestoreSecret', { SecretName })).SecretName, SecretName, 'SecretName');
    empty(await walk.call('DescribeSecret', { SecretName }), 'PlannedDeleteTime');
    equal((await walk.call('GetSecretValue', { SecretName })).SecretData, '1', 'SecretData');
  });
  await walk.check('DeleteSecret in 7 days', () => deleted(7, { RecoveryWindowInDays: '7', ForceDeleteWithoutRecovery: 'false' }));
  for (const [action, parameters] of [
    ['GetSecretValue', {}],
    ['PutSecretValue', { VersionId: 'v2', SecretData: '2' }],
    ['CreateSecret', { VersionId: 'v1', SecretData: '1' }],
    ['DeleteSecret', {}],
    ['UpdateSecret', { Description: 'x' }],
    ['UpdateSecretVersionStage', { VersionStage: 'blue', MoveToVersion: 'v1' }],
  ]) {
    await walk.refuses(`${action} of a secret that will be deleted is refused`, 409, 'Rejected.ResourceInDeleteWindow', action, { SecretName, ...parameters });
  }
  await walk.check('DeleteSecret by force frees the name at once', async () => {
    await walk.call('RestoreSecret', { SecretName });
    equal((await walk.call('DeleteSecret', { SecretName, ForceDeleteWithoutRecovery: 'true' })).SecretName, SecretName, 'SecretName');
    for (const action of ['GetSecretValue', 'DescribeSecret', 'RestoreSecret', 'ListSecretVersionIds']) {
      await walk.refused(404, 'Forbidden.ResourceNotFound', action, { SecretName });
    }
    await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: 'again' });
    equal((await walk.call('GetSecretValue', { SecretName })).SecretData, 'again', 'SecretData');
  });
}

export async function secretUpdates(walk) {
  const SecretName = `${walk.runId}/updated`;
  await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: '1', Description: 'before' });
  for (const [what, Description] of [
    ['text beyond ASCII', 'Grüße, 密钥 & a+b=c'],
    ['8192 characters', 'd'.repeat(8192)],
  ]) {
    await walk.check(`UpdateSecret to a description of ${what}`, async () => {
      equal((await walk.call('UpdateSecret', { SecretName, Description })).SecretName, SecretName, 'SecretName');
      equal((await walk.call('DescribeSecret', { SecretName })).Description, Description, 'Description');
    });
  }
  await walk.refuses('UpdateSecret to 8193 characters is refused', 400, 'InvalidParameter', 'UpdateSecret', { SecretName, Description: 'd'.repeat(8193) });
  await walk.refuses('UpdateSecret of an unknown secret is refused', 404, 'Forbidden.ResourceNotFound', 'UpdateSecret', {
    SecretName: `${walk.runId}/none`,
    Description: 'x',
  });
  await walk.check("a secret under a key of one's own is read only while the key is enabled", async () => {
    const EncryptionKeyId = (await walk.newKey()).KeyId;
    const sealed = `${walk.runId}/sealed`;
    await walk.call('CreateSecret', { SecretName: sealed, VersionId: 'v1', SecretData: '1', EncryptionKeyId });
    equal((await walk.call('DescribeSecret', { SecretName: sealed })).EncryptionKeyId, EncryptionKeyId, 'EncryptionKeyId');
    await walk.call('DisableKey', { KeyId: EncryptionKeyId });
    await walk.refused(409, 'Rejected.Disabled', 'GetSecretValue', { SecretName: sealed });
    await walk.refused(409, 'Rejected.Disabled', 'PutSecretValue', { SecretName: sealed, VersionId: 'v2', SecretData: '2' });
    const answer = await walk.call('BatchGetSecretValue', { SecretsList: [{ SecretName: sealed }, { SecretName }] });
    equal(answer.SecretValues.map((entry) => entry.SecretName), [SecretName], 'SecretValues');
    equal(answer.Errors.map((error) => [error.Code, error.HttpStatus]), [['Rejected.Disabled', 409]], 'Errors');
    await walk.call('EnableKey', { KeyId: EncryptionKeyId });
    equal((await walk.call('GetSecretValue', { SecretName: sealed })).SecretData, '1', 'SecretData');
  });
  await walk.refuses('CreateSecret under a key pair is refused', 400, ['UnsupportedOperation', 'InvalidParameter'], 'CreateSecret', {
    SecretName: `${SecretName}-pair`,
    VersionId: 'v1',
    SecretData: '1',
    EncryptionKeyId: (await walk.keyOf('EC_P256')).KeyId,
  });
}
