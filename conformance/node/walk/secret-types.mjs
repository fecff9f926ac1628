// Secrets of every type: what CreateSecret asks for, what GetSecretValue gives, and which may be rotated.
//
// The server of a conformance run knows no system whose logins it could rotate, so rotation itself is not seen here.

import { empty, TIME } from '../checks.mjs';
import { equal, holds, matches } from '../harness.mjs';
import * as local from './local.mjs';

const LOGINS = [{ AccountName: 'app', AccountPassword: 'p@ss 密' }, { AccountName: 'app_clone', AccountPassword: 'other' }];
const LOGIN = JSON.stringify({ Accounts: LOGINS.slice(0, 1) });
const ROOT = { UserName: 'root', Password: 'p@ss' };
const ACCESS_KEY = { AccessKeyId: 'LTAI5tConformance', AccessKeySecret: 'secret' };
const ACCESS_KEYS = JSON.stringify({ AccessKeys: [ACCESS_KEY] });
const RDS = { SecretSubType: 'SingleUser', DBInstanceId: 'rm-conformance', CustomData: { owner: 'team' } };
const PASSWORD = { SecretSubType: 'Password', RegionId: 'cn-hangzhou', InstanceId: 'i-conformance' };
const ACCOUNTS = { SecretSubType: 'DoubleUsers', AccountName: 'app', CloneAccountName: 'app_clone', RegionId: 'cn-hangzhou' };
const REDIS = { ...ACCOUNTS, InstanceId: 'r-conformance', AccountPrivilege: 'RoleReadWrite' };
const POLAR = { ...ACCOUNTS, DBClusterId: 'pc-conformance', DBType: 'PostgreSQL', AccountType: 'Normal' };
const RAM = { SecretSubType: 'RamUserAccessKey' };
const ABSENT = ['InvalidParameter', 'MissingParameter'];

/** The name that a secret of a type then has. */
const nameOf = (walk, kind) =>
  kind === 'RAMCredentials' ? `acs/ram/user/${walk.runId}` : `${kind.startsWith('ECS') ? 'acs/ecs/' : ''}${walk.runId}/${kind}`;

export async function secretTypes(walk) {
  const pair = new local.RsaPair();
  const keyPair = { UserName: 'root', PublicKey: pair.openSsh, PrivateKey: pair.pem };
  const whole = async (kind, SecretData, ExtendedConfig, expected) => {
    const SecretName = nameOf(walk, kind);
    const [SecretType] = kind.split('-');
    const answer = await walk.call('CreateSecret', {
      SecretName: kind === 'RAMCredentials' ? '$Auto' : SecretName,
      VersionId: 'v1',
      SecretType,
      SecretData,
      ExtendedConfig,
    });
    equal(
      [answer.SecretName, answer.VersionId, answer.SecretType, answer.AutomaticRotation, answer.Arn],
      [SecretName, 'v1', SecretType, 'Disabled', walk.arn('secret/', SecretName)],
      'the answer of CreateSecret',
    );
    const showsConfig = (text) => {
      const shown = JSON.parse(text);
      equal(Object.fromEntries(Object.keys(ExtendedConfig).map((key) => [key, shown[key]])), ExtendedConfig, 'ExtendedConfig');
    };
    showsConfig(answer.ExtendedConfig);
    const value = await walk.call('GetSecretValue', { SecretName });
    walk.shows('GetSecretValue', value, { SecretType, SecretDataType: 'text' });
    const seen = JSON.parse(value.SecretData);
    // What the service makes itself is none but a text.
    equal(Object.fromEntries(Object.keys(seen).map((key) => [key, expected[key] === null ? null : seen[key]])), expected, 'SecretData');
    holds(Object.values(seen).every((text) => typeof text === 'string' && text), 'an empty field');
    empty(value, 'ExtendedConfig', 'RotationInterval', 'NextRotationDate');
    showsConfig((await walk.call('GetSecretValue', { SecretName, FetchExtendedConfig: true })).ExtendedConfig);
    // Only stages tell the versions of these types apart.
    equal((await walk.call('GetSecretValue', { SecretName, VersionId: 'v9' })).VersionId, 'v1', 'VersionId');
    await walk.refused(404, 'Forbidden.ResourceNotFound', 'GetSecretValue', { SecretName, VersionStage: 'blue' });
    const described = await walk.call('DescribeSecret', { SecretName });
    walk.shows('DescribeSecret', described, { SecretType });
    for (const shown of [value, described]) {
      // It is Invalid where the service knows that it cannot rotate, and old clients do not know it.
      holds(['Disabled', 'Invalid', undefined].includes(shown.AutomaticRotation), `AutomaticRotation is ${shown.AutomaticRotation}`);
    }
    for (const [action, parameters] of [
      ['PutSecretValue', { VersionId: 'v2', SecretData }],
      ['UpdateSecretVersionStage', { VersionStage: 'x', MoveToVersion: 'v1' }],
      ['RotateSecret', { VersionId: 'v2' }],
    ]) {
      await walk.refused(400, 'Rejected.UnsupportedOperation', action, { SecretName, ...parameters });
    }
  };
  for (const [kind, data, config, expected] of [
    ['Rds-SingleUser', LOGIN, RDS, LOGINS[0]],
    ['Rds-DoubleUsers', JSON.stringify({ Accounts: LOGINS }), { ...RDS, SecretSubType: 'DoubleUsers' }, LOGINS[0]],
    ['Redis', '$Auto', REDIS, { AccountName: 'app', AccountPassword: null }],
    ['PolarDB', '$Auto', POLAR, { AccountName: 'app', AccountPassword: null }],
    ['RAMCredentials', ACCESS_KEYS, { ...RAM, UserName: walk.runId }, { ...ACCESS_KEY, GenerateTimestamp: null }],
    ['ECS-Password', JSON.stringify(ROOT), PASSWORD, ROOT],
    ['ECS-SSHKey', JSON.stringify(keyPair), { ...PASSWORD, SecretSubType: 'SSHKey' }, keyPair],
  ]) {
    await walk.check(`a secret of type ${kind}`, () => whole(kind, data, config, expected));
  }
  const bad = 'InvalidParameter';
  const without = (config, name) => ({ ...config, [name]: undefined });
  const root = JSON.stringify(ROOT);
  for (const [what, SecretType, SecretData, ExtendedConfig, code, more] of [
    ['no ExtendedConfig', 'Rds', LOGIN, undefined, ABSENT],
    ['no SecretSubType', 'Rds', LOGIN, without(RDS, 'SecretSubType'), ABSENT],
    ['an unknown SecretSubType', 'Rds', LOGIN, { ...RDS, SecretSubType: 'ManyUsers' }, bad],
    ['no DBInstanceId', 'Rds', LOGIN, without(RDS, 'DBInstanceId'), ABSENT],
    ['CustomData that is no object', 'Rds', LOGIN, { ...RDS, CustomData: 'x' }, bad],
    ['11 pairs of CustomData', 'Rds', LOGIN, { ...RDS, CustomData: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, 'v'])) }, bad],
    ['more than 1024 characters of ExtendedConfig', 'Rds', LOGIN, { ...RDS, CustomData: { k: 'v'.repeat(1024) } }, bad],
    ['a value that is no JSON', 'Rds', 'app:p@ss', RDS, bad],
    ['a value without accounts', 'Rds', '{"Accounts":[]}', RDS, bad],
    ['an account without a password', 'Rds', '{"Accounts":[{"AccountName":"a"}]}', RDS, bad],
    ['a binary value', 'Rds', 'AAAA', RDS, bad, { SecretDataType: 'binary' }],
    ['the prefix acs/', 'Rds', LOGIN, RDS, bad, { SecretName: `acs/${walk.runId}` }],
    ['rotation every 5 hours', 'Rds', LOGIN, RDS, bad, { EnableAutomaticRotation: true, RotationInterval: '5h' }],
    ['rotation every 366 days', 'Rds', LOGIN, RDS, bad, { EnableAutomaticRotation: true, RotationInterval: '366d' }],
    ['rotation without an interval', 'Rds', LOGIN, RDS, ABSENT, { EnableAutomaticRotation: true }],
    ['a name without acs/ecs/', 'ECS', root, PASSWORD, bad, { SecretName: `${walk.runId}/ecs` }],
    ['the value of a key pair for a password', 'ECS', JSON.stringify(keyPair), PASSWORD, bad],
    ['no InstanceId', 'ECS', root, without(PASSWORD, 'InstanceId'), ABSENT],
    ['SingleUser', 'Redis', '$Auto', { ...REDIS, SecretSubType: 'SingleUser' }, bad],
    ['a value that is not $Auto', 'Redis', LOGIN, REDIS, bad],
    ['no DBType', 'PolarDB', '$Auto', without(POLAR, 'DBType'), ABSENT],
    ['no UserName', 'RAMCredentials', ACCESS_KEYS, RAM, ABSENT, { SecretName: '$Auto' }],
    ['an unknown type', 'Oracle', 'x', RDS, bad],
  ]) {
    await walk.refuses(`CreateSecret of type ${SecretType} with ${what} is refused`, 400, code, 'CreateSecret', {
      SecretName: `${nameOf(walk, SecretType)}-bad`,
      VersionId: 'v1',
      SecretType,
      SecretData,
      ...(ExtendedConfig && { ExtendedConfig }),
      ...more,
    });
  }
}

export async function secretRotation(walk) {
  const SecretName = nameOf(walk, 'Rds-SingleUser');
  const on = { SecretName, EnableAutomaticRotation: true };
  await walk.check('UpdateSecretRotationPolicy with its bounds', async () => {
    equal((await walk.call('UpdateSecretRotationPolicy', { ...on, RotationInterval: '7d' })).SecretName, SecretName, 'SecretName');
    for (const action of ['DescribeSecret', 'GetSecretValue']) {
      const shown = await walk.call(action, { SecretName });
      walk.shows(action, shown, { RotationInterval: `${7 * 86400}s` });
      if (!walk.kms.has(action, 'AutomaticRotation')) continue;
      holds(['Enabled', 'Invalid'].includes(shown.AutomaticRotation), `AutomaticRotation is ${shown.AutomaticRotation}`);
      matches(TIME, shown.NextRotationDate, 'NextRotationDate');
    }
    for (const RotationInterval of ['6h', '365d', '8760h']) await walk.call('UpdateSecretRotationPolicy', { ...on, RotationInterval });
    for (const RotationInterval of ['5h', '366d', '2w']) {
      await walk.refused(400, 'InvalidParameter', 'UpdateSecretRotationPolicy', { ...on, RotationInterval });
    }
  });
  await walk.refuses('UpdateSecretRotationPolicy without an interval is refused', 400, ABSENT, 'UpdateSecretRotationPolicy', on);
  await walk.check('UpdateSecretRotationPolicy switches rotation off', async () => {
    await walk.call('UpdateSecretRotationPolicy', { SecretName, EnableAutomaticRotation: false });
    const shown = await walk.call('DescribeSecret', { SecretName });
    holds(['Disabled', 'Invalid', undefined].includes(shown.AutomaticRotation), `AutomaticRotation is ${shown.AutomaticRotation}`);
    empty(shown, 'NextRotationDate');
  });
  await walk.check('RotateSecret to a version that is there changes nothing', async () => {
    const answer = await walk.call('RotateSecret', { SecretName, VersionId: 'v1' });
    equal([answer.SecretName, answer.VersionId, answer.Arn], [SecretName, 'v1', walk.arn('secret/', SecretName)], 'SecretName, VersionId, Arn');
    equal(JSON.parse((await walk.call('GetSecretValue', { SecretName })).SecretData), LOGINS[0], 'SecretData');
  });
  await walk.check('UpdateSecret replaces CustomData', async () => {
    const CustomData = { owner: 'others', place: '密' };
    await walk.call('UpdateSecret', { SecretName, ExtendedConfig: { CustomData } });
    const shown = JSON.parse((await walk.call('GetSecretValue', { SecretName, FetchExtendedConfig: true })).ExtendedConfig);
    equal([shown.CustomData, shown.DBInstanceId], [CustomData, RDS.DBInstanceId], 'CustomData and DBInstanceId');
  });
  await walk.check('ListSecrets by SecretType RDS', async () => {
    const Filters = JSON.stringify([{ Key: 'SecretType', Values: ['RDS'] }, { Key: 'SecretName', Values: [walk.runId] }]);
    const entries = (await walk.call('ListSecrets', { Filters })).SecretList.Secret;
    const expected = ['Rds-DoubleUsers', 'Rds-SingleUser'].map((kind) => nameOf(walk, kind));
    equal(entries.map((entry) => entry.SecretName).sort(), expected, 'SecretNames');
  });
}

export async function genericRotation(walk) {
  const SecretName = `${walk.runId}/never-rotated`;
  await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: '1' });
  for (const [action, parameters] of [
    ['RotateSecret', { VersionId: 'v2' }],
    ['UpdateSecretRotationPolicy', { EnableAutomaticRotation: true, RotationInterval: '7d' }],
  ]) {
    for (const [what, status, code, name] of [
      ['a generic secret', 400, 'Rejected.UnsupportedOperation', SecretName],
      ['an unknown secret', 404, 'Forbidden.ResourceNotFound', `${walk.runId}/none`],
    ]) {
      await walk.refuses(`${action} of ${what} is refused`, status, code, action, { SecretName: name, ...parameters });
    }
  }
  await walk.check('the value of a generic secret stays after that', async () =>
    equal((await walk.call('GetSecretValue', { SecretName })).SecretData, '1', 'SecretData'));
}
