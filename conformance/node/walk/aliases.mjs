// UpdateAlias, DeleteAlias, ListAliasesByKeyId.

import { UNKNOWN_KEY } from '../checks.mjs';
import { equal } from '../harness.mjs';

export async function aliases(walk) {
  const [one, two] = [(await walk.newKey()).KeyId, (await walk.newKey()).KeyId];
  const names = [0, 1, 2, 3].map((number) => `alias/${walk.runId}/by-key-${number}`);
  const ofKey = async (KeyId, paging = {}) => {
    const answer = await walk.call('ListAliasesByKeyId', { KeyId, ...paging });
    return { answer, seen: answer.Aliases.Alias.map((entry) => entry.AliasName) };
  };
  await walk.check('ListAliasesByKeyId: defaults, pages, entries', async () => {
    for (const AliasName of names) await walk.call('CreateAlias', { AliasName, KeyId: one });
    const { answer, seen } = await ofKey(one);
    equal([answer.PageNumber, answer.PageSize, answer.TotalCount], [1, 10, 4], 'PageNumber, PageSize, TotalCount');
    equal(seen.sort(), names, 'AliasNames');
    for (const entry of answer.Aliases.Alias) equal([entry.AliasArn, entry.KeyId], [walk.arn('', entry.AliasName), one], 'AliasArn and KeyId');
    const pages = [];
    for (const PageNumber of [1, 2, 3]) pages.push((await ofKey(one, { PageNumber, PageSize: 3 })).seen);
    equal(pages.map((page) => page.length), [3, 1, 0], 'sizes of the pages');
    equal(pages.flat().sort(), names, 'AliasNames over all pages');
    equal((await ofKey(two)).answer.TotalCount, 0, 'TotalCount of a key without aliases');
  });
  await walk.check('UpdateAlias binds the alias to another key', async () => {
    await walk.call('UpdateAlias', { AliasName: names[0], KeyId: two });
    equal((await walk.described(names[0])).KeyId, two, 'KeyId');
    equal((await ofKey(two)).seen, names.slice(0, 1), 'aliases of the new key');
    equal((await ofKey(one)).seen.sort(), names.slice(1), 'aliases of the old key');
    equal((await walk.call('Encrypt', { KeyId: names[0], Plaintext: 'x' })).KeyId, two, 'KeyId of Encrypt');
    await walk.call('UpdateAlias', { AliasName: names[0], KeyId: two });
  });
  await walk.check('DeleteAlias frees the name, and the key stays', async () => {
    await walk.call('DeleteAlias', { AliasName: names[0] });
    await walk.refused(404, 'Forbidden.AliasNotFound', 'DescribeKey', { KeyId: names[0] });
    await walk.refused(404, 'Forbidden.AliasNotFound', 'DeleteAlias', { AliasName: names[0] });
    equal((await walk.described(two)).KeyState, 'Enabled', 'KeyState of the key');
    await walk.call('CreateAlias', { AliasName: names[0], KeyId: one });
  });
  for (const [name, status, code, action, parameters] of [
    ['UpdateAlias of an unknown alias', 404, 'Forbidden.AliasNotFound', 'UpdateAlias', { AliasName: 'alias/no-such', KeyId: one }],
    ['UpdateAlias to an unknown key', 404, 'Forbidden.KeyNotFound', 'UpdateAlias', { AliasName: names[1], KeyId: UNKNOWN_KEY }],
    ['UpdateAlias to an alias', 400, 'Unsupported.Alias', 'UpdateAlias', { AliasName: names[1], KeyId: names[2] }],
    ['UpdateAlias without the prefix alias/', 400, 'InvalidParameter', 'UpdateAlias', { AliasName: walk.runId, KeyId: one }],
    ['DeleteAlias of an unknown alias', 404, 'Forbidden.AliasNotFound', 'DeleteAlias', { AliasName: 'alias/no-such' }],
    ['DeleteAlias without the prefix alias/', 400, 'InvalidParameter', 'DeleteAlias', { AliasName: walk.runId }],
    ['ListAliasesByKeyId of an unknown key', 404, 'Forbidden.KeyNotFound', 'ListAliasesByKeyId', { KeyId: UNKNOWN_KEY }],
    ['ListAliasesByKeyId of an alias', 400, 'Unsupported.Alias', 'ListAliasesByKeyId', { KeyId: names[1] }],
    ['ListAliasesByKeyId with a PageSize of 101', 400, 'InvalidParameter', 'ListAliasesByKeyId', { KeyId: one, PageSize: 101 }],
    ['CreateAlias with a name of 256 characters', 400, 'InvalidParameter', 'CreateAlias', { AliasName: `alias/${'a'.repeat(256)}`, KeyId: one }],
    ['CreateAlias with a blank in the name', 400, 'InvalidParameter', 'CreateAlias', { AliasName: 'alias/a b', KeyId: one }],
    ['CreateAlias with a name of service keys', 400, 'InvalidParameter', 'CreateAlias', { AliasName: 'alias/acs/kms', KeyId: one }],
  ]) {
    await walk.refuses(`${name} is refused`, status, code, action, parameters);
  }
}
