// Both families of tag operations, on keys and on secrets.

import { UNKNOWN_KEY } from '../checks.mjs';
import { equal, holds } from '../harness.mjs';

const listed = (pairs) => JSON.stringify(Object.entries(pairs).map(([TagKey, TagValue]) => ({ TagKey, TagValue })));

export async function tagsOfOne(walk) {
  const KeyId = (await walk.newKey()).KeyId;
  const SecretName = `${walk.runId}/tagged`;
  const seen = async (name = KeyId) => {
    const entries = (await walk.call('ListResourceTags', { KeyId: name })).Tags.Tag;
    holds(entries.every((entry) => entry.KeyId === KeyId), 'a tag does not name the key');
    return Object.fromEntries(entries.map((entry) => [entry.TagKey, entry.TagValue ?? '']));
  };
  await walk.check('TagResource adds tags to a key and replaces values', async () => {
    equal(await seen(), {}, 'tags of a new key');
    await walk.call('TagResource', { KeyId, Tags: listed({ team: 'blue', stage: 'a b', 'größe': '密' }) });
    equal(await seen(), { team: 'blue', stage: 'a b', 'größe': '密' }, 'tags');
    await walk.call('TagResource', { KeyId, Tags: listed({ team: 'red', more: '' }) });
    equal(await seen(walk.arn('key/', KeyId)), { team: 'red', stage: 'a b', 'größe': '密', more: '' }, 'tags');
  });
  await walk.check('UntagResource takes a JSON array and a comma list', async () => {
    await walk.call('UntagResource', { KeyId, TagKeys: '["team","größe"]' });
    equal(await seen(), { stage: 'a b', more: '' }, 'tags');
    await walk.call('UntagResource', { KeyId, TagKeys: 'stage,absent' });
    equal(await seen(), { more: '' }, 'tags');
  });
  await walk.check('TagResource and UntagResource on a secret', async () => {
    await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: 'x' });
    await walk.call('TagResource', { SecretName, Tags: listed({ a: '1', b: '2' }) });
    await walk.call('UntagResource', { SecretName, TagKeys: '["a"]' });
    const shown = (await walk.call('DescribeSecret', { SecretName, FetchTags: 'true' })).Tags.Tag;
    equal(shown.map((tag) => [tag.TagKey, tag.TagValue]), [['b', '2']], 'tags');
  });
  await walk.check('TagResource takes 20 tags and no more', async () => {
    const full = (await walk.newKey()).KeyId;
    await walk.call('TagResource', { KeyId: full, Tags: listed(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, 'v']))) });
    await walk.refused(400, ['InvalidParameter', 'Rejected.LimitExceeded'], 'TagResource', { KeyId: full, Tags: listed({ 'one-more': 'v' }) });
    await walk.call('TagResource', { KeyId: full, Tags: listed({ k0: 'changed' }) });
  });
  for (const [name, status, code, parameters] of [
    ['an unknown key', 404, 'Forbidden.KeyNotFound', { KeyId: UNKNOWN_KEY }],
    ['an unknown secret', 404, 'Forbidden.ResourceNotFound', { SecretName: `${walk.runId}/none` }],
    ['a certificate', 404, 'Certificate.NotFound', { CertificateId: 'c' }],
    ['no resource', 400, ['InvalidParameter', 'MissingParameter'], {}],
    ['two resources', 400, 'InvalidParameter', { KeyId, SecretName }],
  ]) {
    await walk.refuses(`TagResource with ${name} is refused`, status, code, 'TagResource', { Tags: listed({ a: 'b' }), ...parameters });
    await walk.refuses(`UntagResource with ${name} is refused`, status, code, 'UntagResource', { TagKeys: '["a"]', ...parameters });
  }
  for (const [name, code, Tags] of [
    ['tags that are no JSON', 'InvalidParameter', 'a=b'],
    ['a tag twice', 'Duplicate.TagKey', '[{"TagKey":"a","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]'],
    ['a tag key of acs:', 'InvalidParameter.TagKey', listed({ 'acs:a': 'b' })],
    ['a tag value of 129 characters', 'InvalidParameter.TagValue', listed({ a: 'b'.repeat(129) })],
  ]) {
    await walk.refuses(`TagResource with ${name} is refused`, 400, code, 'TagResource', { KeyId, Tags });
  }
  await walk.refuses('ListResourceTags of an unknown key is refused', 404, 'Forbidden.KeyNotFound', 'ListResourceTags', { KeyId: UNKNOWN_KEY });
}

export async function tagsOfMany(walk) {
  const RegionId = walk.ready.region;
  const keys = [(await walk.newKey()).KeyId, (await walk.newKey()).KeyId];
  const secret = `${walk.runId}/tagged-with-many`;
  const ofKeys = { RegionId, ResourceType: 'key', ResourceId: keys };
  const shown = async (parameters) => {
    const answer = await walk.call('ListTagResources', { ...ofKeys, ...parameters });
    const rows = answer.TagResources.TagResource;
    holds(rows.every((row) => row.ResourceType === (parameters?.ResourceType ?? 'key')), 'a row of another type');
    return rows.map((row) => [row.ResourceId, row.TagKey, row.TagValue].join('|')).sort();
  };
  await walk.check('TagResources and ListTagResources on keys', async () => {
    const pairs = [{ Key: 'team', Value: 'blue' }, { Key: walk.runId, Value: 'a b+密' }];
    await walk.call('TagResources', { ...ofKeys, Tag: pairs });
    const expected = keys.flatMap((key) => pairs.map((pair) => [key, pair.Key, pair.Value].join('|'))).sort();
    equal(await shown(), expected, 'rows by ResourceId');
    const byTag = await shown({ ResourceId: undefined, Tag: pairs.slice(1) });
    holds(expected.filter((row) => row.includes(walk.runId)).every((row) => byTag.includes(row)), 'a row is missing by tag');
    equal(await shown({ ResourceId: keys.slice(0, 1) }), expected.filter((row) => row.startsWith(keys[0])), 'rows of one key');
    await walk.call('TagResources', { ...ofKeys, ResourceId: keys.slice(0, 1), Tag: [{ Key: 'team', Value: 'red' }] });
    const after = await shown();
    holds(after.includes(`${keys[0]}|team|red`), 'the value was not replaced');
    holds(after.includes(`${keys[1]}|team|blue`), 'the value of another key was replaced');
  });
  await walk.check('UntagResources by tag key and all at once', async () => {
    await walk.call('UntagResources', { ...ofKeys, TagKey: ['team', 'absent'] });
    holds((await shown()).every((row) => row.includes(walk.runId)), 'a tag is left');
    await walk.call('UntagResources', { ...ofKeys, All: true });
    equal(await shown(), [], 'rows left');
  });
  await walk.check('TagResources, ListTagResources and UntagResources on secrets', async () => {
    const ofSecret = { RegionId, ResourceType: 'secret', ResourceId: [secret] };
    await walk.call('CreateSecret', { SecretName: secret, VersionId: 'v1', SecretData: 'x' });
    await walk.call('TagResources', { ...ofSecret, Tag: [{ Key: 'a', Value: '1' }] });
    equal(await shown(ofSecret), [`${secret}|a|1`], 'rows');
    await walk.call('UntagResources', { ...ofSecret, All: true });
    equal(await shown(ofSecret), [], 'rows left');
  });
  await walk.check('ListTagResources gives 200 rows and a NextToken', async () => {
    const ResourceId = [];
    for (let count = 0; count < 11; count += 1) ResourceId.push((await walk.newKey()).KeyId);
    const many = { RegionId, ResourceType: 'key', ResourceId };
    await walk.call('TagResources', { ...many, Tag: Array.from({ length: 20 }, (_, n) => ({ Key: `${walk.runId}-${n}`, Value: `${n}` })) });
    const first = await walk.call('ListTagResources', many);
    holds(first.NextToken, 'no NextToken');
    const second = await walk.call('ListTagResources', { ...many, NextToken: first.NextToken });
    equal([first, second].map((page) => page.TagResources.TagResource.length), [200, 20], 'rows of the pages');
    equal(second.NextToken ?? '', '', 'NextToken of the last page');
    const rows = [first, second].flatMap((page) => page.TagResources.TagResource).map((row) => `${row.ResourceId} ${row.TagKey}`);
    equal(new Set(rows).size, 220, 'different rows');
  });
  const pair = [{ Key: 'a', Value: 'b' }];
  for (const [action, rest] of [['TagResources', { Tag: pair }], ['UntagResources', { TagKey: ['a'] }], ['ListTagResources', {}]]) {
    for (const [name, status, code, change] of [
      ['an unknown key', 404, 'InvalidResourceId.NotFound', { ResourceId: [keys[0], UNKNOWN_KEY] }],
      ['an unknown secret', 404, 'InvalidResourceId.NotFound', { ResourceType: 'secret', ResourceId: [`${walk.runId}/none`] }],
      ['an unknown ResourceType', 400, 'InvalidParameter', { ResourceType: 'instance' }],
      ['51 resources', 400, 'InvalidParameter', { ResourceId: Array(51).fill(keys[0]) }],
    ]) {
      await walk.refuses(`${action} with ${name} is refused`, status, code, action, { ...ofKeys, ...rest, ...change });
    }
  }
  for (const [name, code, Tag] of [
    ['a tag twice', 'Duplicate.TagKey', [...pair, { Key: 'a', Value: 'c' }]],
    ['a tag key of aliyun', 'InvalidParameter.TagKey', [{ Key: 'aliyun', Value: 'c' }]],
    ['a tag value with <', 'InvalidParameter.TagValue', [{ Key: 'a', Value: '<' }]],
    ['21 tags', 'InvalidParameter', Array.from({ length: 21 }, (_, n) => ({ Key: `k${n}`, Value: 'v' }))],
  ]) {
    await walk.refuses(`TagResources with ${name} is refused`, 400, code, 'TagResources', { ...ofKeys, Tag });
  }
  await walk.check('TagResources that is refused tags nothing', async () => {
    await walk.refused(404, 'InvalidResourceId.NotFound', 'TagResources', { ...ofKeys, ResourceId: [keys[0], UNKNOWN_KEY], Tag: pair });
    equal(await shown(), [], 'rows');
  });
}
