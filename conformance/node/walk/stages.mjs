// UpdateSecretVersionStage.

import { equal } from '../harness.mjs';

export async function stages(walk) {
  const SecretName = `${walk.runId}/stages`;
  await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: '1' });
  for (const number of ['2', '3']) await walk.call('PutSecretValue', { SecretName, VersionId: `v${number}`, SecretData: number });
  const holders = async (expected) => {
    const entries = (await walk.call('ListSecretVersionIds', { SecretName, IncludeDeprecated: 'true' })).VersionIds.VersionId;
    const seen = entries.flatMap((entry) => (entry.VersionStages?.VersionStage ?? []).map((stage) => [stage, entry.VersionId]));
    equal(Object.fromEntries(seen), expected, 'who holds which label');
  };
  const update = async (VersionStage, versions) =>
    equal((await walk.call('UpdateSecretVersionStage', { SecretName, VersionStage, ...versions })).SecretName, SecretName, 'SecretName');
  const value = async (parameters) => (await walk.call('GetSecretValue', { SecretName, ...parameters })).SecretData;
  const base = { ACSCurrent: 'v3', ACSPrevious: 'v2' };
  await walk.check('UpdateSecretVersionStage adds a label', async () => {
    await update('blue', { MoveToVersion: 'v1' });
    await holders({ ...base, blue: 'v1' });
    equal(await value({ VersionStage: 'blue' }), '1', 'SecretData');
    await update('blue', { MoveToVersion: 'v1' });
  });
  await walk.check('UpdateSecretVersionStage moves a label, and only from its holder', async () => {
    await update('blue', { MoveToVersion: 'v2' });
    await holders({ ...base, blue: 'v2' });
    await update('blue', { MoveToVersion: 'v3', RemoveFromVersion: 'v2' });
    await holders({ ...base, blue: 'v3' });
    await walk.refused(400, 'Rejected.InvalidRequest', 'UpdateSecretVersionStage', { SecretName, VersionStage: 'blue', MoveToVersion: 'v1', RemoveFromVersion: 'v2' });
    await holders({ ...base, blue: 'v3' });
  });
  await walk.check('UpdateSecretVersionStage removes a label', async () => {
    await update('blue', { RemoveFromVersion: 'v3' });
    await holders(base);
  });
  await walk.check('UpdateSecretVersionStage moves ACSCurrent, whose old holder becomes ACSPrevious', async () => {
    await update('ACSCurrent', { MoveToVersion: 'v1' });
    await holders({ ACSCurrent: 'v1', ACSPrevious: 'v3' });
    equal(await value(), '1', 'SecretData');
    await update('ACSCurrent', { MoveToVersion: 'v3', RemoveFromVersion: 'v1' });
    await holders({ ACSCurrent: 'v3', ACSPrevious: 'v1' });
    await update('ACSPrevious', { MoveToVersion: 'v2' });
    await holders(base);
  });
  // How the removal of the service's own labels is refused, no page says.
  const unremovable = ['InvalidParameter', 'MissingParameter', 'Rejected.UnsupportedOperation', 'Rejected.InvalidRequest'];
  for (const [what, status, code, parameters] of [
    ['no version', 400, ['InvalidParameter', 'MissingParameter'], {}],
    ['an unknown secret', 404, 'Forbidden.ResourceNotFound', { SecretName: `${walk.runId}/none`, MoveToVersion: 'v1' }],
    ['an unknown version', 404, 'Forbidden.ResourceNotFound', { MoveToVersion: 'v9' }],
    ['a label that the version does not have', 400, 'Rejected.InvalidRequest', { RemoveFromVersion: 'v1' }],
    ['ACSCurrent to be removed', 400, unremovable, { VersionStage: 'ACSCurrent', RemoveFromVersion: 'v3' }],
    ['ACSPrevious to be removed', 400, unremovable, { VersionStage: 'ACSPrevious', RemoveFromVersion: 'v2' }],
    ['a label of 65 characters', 400, 'InvalidParameter', { VersionStage: 's'.repeat(65), MoveToVersion: 'v1' }],
  ]) {
    await walk.refuses(`UpdateSecretVersionStage with ${what} is refused`, status, code, 'UpdateSecretVersionStage', {
      SecretName,
      VersionStage: 'green',
      ...parameters,
    });
  }
  await walk.check('a ninth label is refused', async () => {
    const labels = [0, 1, 2, 3, 4, 5].map((number) => `label-${number}`);
    for (const label of labels) await update(label, { MoveToVersion: 'v1' });
    await walk.refused(400, 'Rejected.LimitExceeded', 'UpdateSecretVersionStage', { SecretName, VersionStage: 'label-6', MoveToVersion: 'v1' });
    await walk.refused(400, 'Rejected.LimitExceeded', 'PutSecretValue', { SecretName, VersionId: 'v4', SecretData: '4', VersionStages: '["label-6"]' });
    await holders({ ...base, ...Object.fromEntries(labels.map((label) => [label, 'v1'])) });
  });
}
