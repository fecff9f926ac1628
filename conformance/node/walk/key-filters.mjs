// ListKeys with every filter.

import { equal } from '../harness.mjs';

export async function keyFilters(walk) {
  const mark = `mark-${walk.runId}`;
  const tags = (TagValue) => ({ Tags: JSON.stringify([{ TagKey: mark, TagValue }]) });
  const made = {};
  for (const [name, parameters] of Object.entries({
    aes: {},
    hsm: { ProtectionLevel: 'HSM' },
    ec: { KeySpec: 'EC_P256' },
    mac: { KeySpec: 'HMAC_SHA256' },
    off: { KeySpec: 'Aliyun_SM4' },
    going: {},
  })) {
    made[name] = (await walk.newKey({ ...tags(name === 'going' ? 'no' : 'yes'), ...parameters })).KeyId;
  }
  await walk.call('DisableKey', { KeyId: made.off });
  await walk.call('ScheduleKeyDeletion', { KeyId: made.going, PendingWindowInDays: 7 });
  const AliasName = `alias/${walk.runId}/filtered`;
  await walk.call('CreateAlias', { AliasName, KeyId: made.ec });
  const own = ['TagKey', [mark]];
  const everything = Object.keys(made);
  for (const [name, expected, ...pairs] of [
    ['TagKey', everything, own],
    ['TagKey and TagValue', ['going'], own, ['TagValue', ['no']]],
    ['KeyState', ['off'], own, ['KeyState', ['Disabled']]],
    ['two states', ['off', 'going'], own, ['KeyState', ['Disabled', 'PendingDeletion']]],
    ['one key twice', ['off', 'going'], own, ['KeyState', ['Disabled']], ['KeyState', ['PendingDeletion']]],
    ['KeySpec', ['off'], own, ['KeySpec', ['Aliyun_SM4']]],
    ['KeyUsage', ['ec'], own, ['KeyUsage', ['SIGN/VERIFY']]],
    ['KeyUsage of HMAC keys', ['mac'], own, ['KeyUsage', ['GENERATE/VERIFY_MAC']]],
    ['ProtectionLevel', ['hsm'], own, ['ProtectionLevel', ['HSM']]],
    ['CreatorType', everything, own, ['CreatorType', ['User']]],
    ['CreatorType of service keys', [], own, ['CreatorType', ['Service']]],
    ['Creator', everything, own, ['Creator', [walk.ready.account]]],
    ['another Creator', [], own, ['Creator', ['1234567890123456']]],
    ['keyId', ['aes', 'mac'], ['keyId', [made.aes, made.mac]]],
    ['AliasName', ['ec'], ['AliasName', [AliasName]]],
    ['DKMSInstanceId', [], own, ['DKMSInstanceId', ['kst-hzz00000000aaaaaaaaaa']]],
    ['pairs that exclude each other', [], own, ['KeyState', ['Disabled']], ['KeySpec', ['EC_P256']]],
  ]) {
    await walk.check(`ListKeys by ${name}`, async () => {
      const Filters = JSON.stringify(pairs.map(([Key, Values]) => ({ Key, Values })));
      const answer = await walk.call('ListKeys', { Filters, PageSize: 100 });
      equal(answer.Keys.Key.map((entry) => entry.KeyId).sort(), expected.map((word) => made[word]).sort(), 'KeyIds');
      equal(answer.TotalCount, expected.length, 'TotalCount');
    });
  }
  const pair = { Key: 'KeySpec', Values: ['RSA_2048'] };
  for (const [name, pairs] of [
    ['an unknown key', [{ Key: 'Colour', Values: ['red'] }]],
    ['11 pairs', Array(11).fill(pair)],
    ['11 values', [{ Key: 'KeySpec', Values: Array(11).fill('RSA_2048') }]],
    ['values that are no list', [{ Key: 'KeySpec', Values: 'RSA_2048' }]],
    ['no list at all', { Key: 'KeySpec' }],
  ]) {
    await walk.refuses(`ListKeys with ${name} is refused`, 400, 'InvalidParameter', 'ListKeys', { Filters: JSON.stringify(pairs) });
  }
  await walk.refuses('ListKeys with a PageNumber of 0 is refused', 400, 'InvalidParameter', 'ListKeys', { PageNumber: 0 });
  await walk.refuses('ListKeys with a PageSize of 0 is refused', 400, 'InvalidParameter', 'ListKeys', { PageSize: 0 });
}
