// GetManagedDataKey and ListManagedDataKeyVersions. A managed data key is a generic secret whose values are data keys.

import { equal } from '../harness.mjs';
import * as local from './local.mjs';

export async function managedDataKeys(walk) {
  const DataKeyName = `${walk.runId}/managed`;
  const keys = Object.fromEntries(['v1', 'v2', 'v3'].map((version) => [version, local.encode(local.random(32))]));
  for (const [VersionId, SecretData] of Object.entries(keys)) {
    const action = VersionId === 'v1' ? 'CreateSecret' : 'PutSecretValue';
    await walk.call(action, { SecretName: DataKeyName, VersionId, SecretData });
  }
  const read = async (version, parameters) => {
    const answer = await walk.call('GetManagedDataKey', { DataKeyName, ...parameters });
    equal([answer.DataKeyName, answer.DataKeyVersionId], [DataKeyName, version], 'DataKeyName and DataKeyVersionId');
    equal(answer.Plaintext, keys[version], 'Plaintext');
    return answer.DataKeyVersionName;
  };
  for (const [what, version, parameters] of [
    ['gives the first version', 'v1', {}],
    ['without UseLatest gives the first version', 'v1', { UseLatest: false }],
    ['with UseLatest gives the newest version', 'v3', { UseLatest: true }],
    ['gives the version that is asked for', 'v2', { DataKeyVersionId: 'v2', UseLatest: true }],
  ]) {
    await walk.check(`GetManagedDataKey ${what}`, () => read(version, parameters));
  }
  await walk.check('ListManagedDataKeyVersions: defaults, pages, entries', async () => {
    const answer = await walk.call('ListManagedDataKeyVersions', { DataKeyName });
    const shown = [answer.DataKeyName, answer.PageNumber, answer.PageSize, answer.TotalCount];
    equal(shown, [DataKeyName, 1, 10, 3], 'DataKeyName, PageNumber, PageSize, TotalCount');
    const names = {};
    for (const PageNumber of [1, 2]) {
      const page = await walk.call('ListManagedDataKeyVersions', { DataKeyName, PageNumber, PageSize: 2 });
      for (const entry of page.ManagedDataKeyVersions.ManagedDataKeyVersion) names[entry.DataKeyVersionId] = entry.DataKeyVersionName;
    }
    equal(Object.keys(names).sort(), Object.keys(keys), 'versions over all pages');
    equal(names.v2, await read('v2', { DataKeyVersionId: 'v2' }), 'DataKeyVersionName');
  });
  const text = `${walk.runId}/no-data-key`;
  await walk.call('CreateSecret', { SecretName: text, VersionId: 'v1', SecretData: 'no base64!' });
  const none = { DataKeyName: `${walk.runId}/none` };
  for (const [what, status, code, action, parameters] of [
    ['an unknown name', 404, 'Forbidden.ResourceNotFound', 'GetManagedDataKey', none],
    ['an unknown version', 404, 'Forbidden.ResourceNotFound', 'GetManagedDataKey', { DataKeyVersionId: 'v9' }],
    ['what is no data key', 400, 'UnsupportedOperation', 'GetManagedDataKey', { DataKeyName: text }],
    ['an unknown name', 404, 'Forbidden.ResourceNotFound', 'ListManagedDataKeyVersions', none],
    ['a PageSize of 101', 400, 'InvalidParameter', 'ListManagedDataKeyVersions', { PageSize: 101 }],
  ]) {
    await walk.refuses(`${action} with ${what} is refused`, status, code, action, { DataKeyName, ...parameters });
  }
}
