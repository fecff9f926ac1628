// BatchGetSecretValue, ListSecretVersionIds, and the filters of ListSecrets.

import { empty, TIME } from '../checks.mjs';
import { equal, holds, matches } from '../harness.mjs';

export async function batches(walk) {
  const names = [0, 1, 2].map((number) => `${walk.runId}/batch-${number}`);
  for (const SecretName of names) await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: `first of ${SecretName}` });
  await walk.call('PutSecretValue', { SecretName: names[0], VersionId: 'v2', SecretData: 'second é 密' });
  const read = async (...SecretsList) => {
    const answer = await walk.call('BatchGetSecretValue', { SecretsList });
    return { values: answer.SecretValues ?? [], errors: answer.Errors ?? [] };
  };
  await walk.check('BatchGetSecretValue of three secrets', async () => {
    const { values, errors } = await read(
      { SecretName: names[0] },
      { SecretName: names[1], VersionId: 'v1' },
      { SecretName: names[2], VersionStage: 'ACSCurrent', FetchExtendedConfig: 'true' },
    );
    equal(errors, [], 'Errors');
    const versions = Object.fromEntries(values.map((value) => [value.SecretName, value.VersionId]));
    equal(versions, { [names[0]]: 'v2', [names[1]]: 'v1', [names[2]]: 'v1' }, 'versions');
    const one = values.find((value) => value.SecretName === names[0]);
    equal([one.SecretData, one.SecretDataType, one.SecretType], ['second é 密', 'text', 'Generic'], 'the value');
    equal(one.VersionStages.VersionStage, ['ACSCurrent'], 'VersionStages');
    matches(TIME, one.CreateTime, 'CreateTime');
    empty(one, 'ExtendedConfig', 'RotationInterval');
  });
  await walk.check('BatchGetSecretValue names what it cannot read', async () => {
    const none = `${walk.runId}/none`;
    const { values, errors } = await read({ SecretName: names[0], VersionStage: 'ACSPrevious' }, { SecretName: none }, { SecretName: names[1], VersionId: 'v9' });
    equal(values.map((value) => value.SecretData), [`first of ${names[0]}`], 'values');
    const seen = errors.map((error) => [error.SecretName, error.Code, error.HttpStatus].join(' ')).sort();
    equal(seen, [none, names[1]].map((name) => `${name} Forbidden.ResourceNotFound 404`).sort(), 'Errors');
    holds(errors.every((error) => error.Message), 'an error without a message');
  });
  const absent = ['InvalidParameter', 'MissingParameter', 'MissingSecretsList'];
  for (const [name, code, SecretsList] of [
    ['no secret', absent, []],
    ['a secret twice', 'InvalidParameter', [{ SecretName: names[0] }, { SecretName: names[0], VersionId: 'v1' }]],
    ['21 secrets', 'InvalidParameter', Array.from({ length: 21 }, (_, n) => ({ SecretName: `${walk.runId}/many-${n}` }))],
    ['an entry without a name', absent, [{ VersionId: 'v1' }]],
  ]) {
    await walk.refuses(`BatchGetSecretValue of ${name} is refused`, 400, code, 'BatchGetSecretValue', { SecretsList });
  }
}

export async function versionLists(walk) {
  const SecretName = `${walk.runId}/listed`;
  await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: '1' });
  for (const number of ['2', '3', '4']) await walk.call('PutSecretValue', { SecretName, VersionId: `v${number}`, SecretData: number });
  const current = { v4: ['ACSCurrent'], v3: ['ACSPrevious'] };
  const everything = { ...current, v2: [], v1: [] };
  const listed = async (expected, parameters = {}) => {
    const answer = await walk.call('ListSecretVersionIds', { SecretName, ...parameters });
    const shown = [answer.SecretName, answer.PageSize, answer.TotalCount];
    equal(shown, [SecretName, parameters.PageSize ?? 20, Object.keys(expected).length], 'SecretName, PageSize, TotalCount');
    const entries = answer.VersionIds.VersionId;
    for (const entry of entries) matches(TIME, entry.CreateTime, 'CreateTime');
    return Object.fromEntries(entries.map((entry) => [entry.VersionId, [...(entry.VersionStages?.VersionStage ?? [])]]));
  };
  for (const [name, expected, parameters] of [
    ['shows what has a label', current, {}],
    ['without deprecated versions', current, { IncludeDeprecated: 'false' }],
    ['with deprecated versions', everything, { IncludeDeprecated: 'true' }],
  ]) {
    await walk.check(`ListSecretVersionIds ${name}`, async () => equal(await listed(expected, parameters), expected, 'versions'));
  }
  await walk.check('ListSecretVersionIds: pages', async () => {
    const pages = [];
    for (const PageNumber of [1, 2, 3]) {
      pages.push(Object.keys(await listed(everything, { IncludeDeprecated: 'true', PageSize: 3, PageNumber })));
    }
    equal(pages.map((page) => page.length), [3, 1, 0], 'sizes of the pages');
    equal(pages.flat().sort(), ['v1', 'v2', 'v3', 'v4'], 'versions over all pages');
  });
  for (const [what, status, code, parameters] of [
    ['an unknown secret', 404, 'Forbidden.ResourceNotFound', { SecretName: `${walk.runId}/none` }],
    ['IncludeDeprecated=perhaps', 400, 'InvalidParameter', { IncludeDeprecated: 'perhaps' }],
    ['a PageSize of 101', 400, 'InvalidParameter', { PageSize: 101 }],
    ['a PageNumber of 0', 400, 'InvalidParameter', { PageNumber: 0 }],
  ]) {
    await walk.refuses(`ListSecretVersionIds with ${what} is refused`, status, code, 'ListSecretVersionIds', { SecretName, ...parameters });
  }
}

export async function secretFilters(walk) {
  const mark = `f-${walk.runId}`;
  const names = Object.fromEntries(['one', 'two', 'going'].map((word) => [word, `${walk.runId}/filter-${word}`]));
  for (const [word, SecretName] of Object.entries(names)) {
    await walk.call('CreateSecret', {
      SecretName,
      VersionId: 'v1',
      SecretData: 'x',
      Description: `${walk.runId} number ${word}`,
      Tags: JSON.stringify([{ TagKey: mark, TagValue: 'yes' }]),
    });
  }
  await walk.call('DeleteSecret', { SecretName: names.going, RecoveryWindowInDays: '7' });
  const own = ['TagKey', [mark]];
  const everything = Object.keys(names);
  for (const [what, expected, ...pairs] of [
    ['TagKey', everything, own],
    ['TagKey and TagValue', everything, own, ['TagValue', ['yes']]],
    ['another TagValue', [], own, ['TagValue', ['no']]],
    ['SecretName', ['one', 'two'], ['SecretName', [names.one, names.two]]],
    ['Description', ['two'], ['Description', [`${walk.runId} number two`]]],
    ['SecretType', everything, own, ['SecretType', ['Generic']]],
    ['SecretType of databases', [], own, ['SecretType', ['RDS']]],
    ['Creator', everything, own, ['Creator', [walk.ready.account]]],
    ['another Creator', [], own, ['Creator', ['1234567890123456']]],
    ['DKMSInstanceId', [], own, ['DKMSInstanceId', ['kst-hzz00000000aaaaaaaaaa']]],
  ]) {
    await walk.check(`ListSecrets by ${what}`, async () => {
      const Filters = JSON.stringify(pairs.map(([Key, Values]) => ({ Key, Values })));
      const answer = await walk.call('ListSecrets', { Filters, PageSize: 100 });
      const entries = answer.SecretList.Secret;
      equal(entries.map((entry) => entry.SecretName).sort(), expected.map((word) => names[word]).sort(), 'SecretNames');
      equal(answer.TotalCount, expected.length, 'TotalCount');
      for (const entry of entries) equal(Boolean(entry.PlannedDeleteTime), entry.SecretName === names.going, 'whether there is a PlannedDeleteTime');
    });
  }
  const pair = { Key: 'SecretName', Values: ['x'] };
  for (const [what, pairs] of [
    ['an unknown key', [{ Key: 'Colour', Values: ['red'] }]],
    ['11 pairs', Array(11).fill(pair)],
    ['11 values', [{ Key: 'SecretName', Values: Array(11).fill('x') }]],
  ]) {
    await walk.refuses(`ListSecrets with ${what} is refused`, 400, 'InvalidParameter', 'ListSecrets', { Filters: JSON.stringify(pairs) });
  }
}
