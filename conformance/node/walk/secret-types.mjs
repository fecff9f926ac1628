// Secrets of every type: what CreateSecret asks for, what GetSecretValue gives, and which may be rotated.

import { empty, TIME } from '../checks.mjs';
import { equal, holds, matches } from '../harness.mjs';
import * as local from './local.mjs';

const LOGIN = JSON.stringify({ Accounts: [{ AccountName: 'app', AccountPassword: 'p@ss 密' }] });
const TWO_LOGINS = JSON.stringify({ Accounts: ['app', 'app_clone'].map((name) => ({ AccountName: name, AccountPassword: `of ${name}` })) });
const RDS = { SecretSubType: 'SingleUser', DBInstanceId: 'rm-conformance', CustomData: { owner: 'team' } };
const PASSWORD = { SecretSubType: 'Password', RegionId: 'cn-hangzhou', InstanceId: 'i-conformance' };
const ROOT = '{"UserName":"root","Password":"p@ss"}';
const REDIS = { SecretSubType: 'DoubleUsers', InstanceId: 'r-x', RegionId: 'cn-hangzhou', AccountName: 'app', CloneAccountName: 'app_clone', AccountPrivilege: 'RoleReadWrite' };
const POLAR = { SecretSubType: 'DoubleUsers', DBClusterId: 'pc-x', RegionId: 'cn-hangzhou', AccountName: 'app', AccountType: 'Normal' };

export async function secretTypes(walk) {
  const pair = new local.RsaPair();
  const keyPair = JSON.stringify({ UserName: 'root', PublicKey: pair.openSsh, PrivateKey: pair.pem });
  const nameOf = (kind) => `${kind.startsWith('ECS') ? 'acs/ecs/' : ''}${walk.runId}/${kind}`;
  const part = (text, config) => {
    const shown = JSON.parse(text);
    return Object.fromEntries(Object.keys(config).map((key) => [key, shown[key]]));
  };
  const whole = async (kind, SecretData, ExtendedConfig, expected) => {
    const SecretName = nameOf(kind);
    const [SecretType] = kind.split('-');
    const answer = await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretType, SecretData, ExtendedConfig });
    equal(
      [answer.SecretName, answer.VersionId, answer.SecretType, answer.AutomaticRotation, answer.Arn],
      [SecretName, 'v1', SecretType, 'Disabled', walk.arn('secret/', SecretName)],
      'the answer of CreateSecret',
    );
    equal(part(answer.ExtendedConfig, ExtendedConfig), ExtendedConfig, 'ExtendedConfig of CreateSecret');
    const value = await walk.call('GetSecretValue', { SecretName });
    equal(JSON.parse(value.SecretData), expected, 'SecretData');
    walk.shows('GetSecretValue', value, { SecretType, SecretDataType: 'text', AutomaticRotation: 'Disabled' });
    empty(value, 'ExtendedConfig', 'RotationInterval', 'NextRotationDate');
    const fetched = await walk.call('GetSecretValue', { SecretName, FetchExtendedConfig: true });
    equal(part(fetched.ExtendedConfig, ExtendedConfig), ExtendedConfig, 'ExtendedConfig of GetSecretValue');
    walk.shows('DescribeSecret', await walk.call('DescribeSecret', { SecretName }), { SecretType, AutomaticRotation: 'Disabled' });
    await walk.refused(400, 'Rejected.UnsupportedOperation', 'PutSecretValue', { SecretName, VersionId: 'v2', SecretData });
    await walk.refused(400, 'Rejected.UnsupportedOperation', 'UpdateSecretVersionStage', { SecretName, VersionStage: 'x', MoveToVersion: 'v1' });
  };
  for (const [kind, data, config, expected] of [
    ['Rds-SingleUser', LOGIN, RDS, JSON.parse(LOGIN).Accounts[0]],
    ['Rds-DoubleUsers', TWO_LOGINS, { ...RDS, SecretSubType: 'DoubleUsers' }, JSON.parse(TWO_LOGINS).Accounts[0]],
    ['ECS-Password', ROOT, PASSWORD, JSON.parse(ROOT)],
    ['ECS-SSHKey', keyPair, { ...PASSWORD, SecretSubType: 'SSHKey' }, JSON.parse(keyPair)],
  ]) {
    await walk.check(`a secret of type ${kind}`, () => whole(kind, data, config, expected));
  }
  const absent = ['InvalidParameter', 'MissingParameter'];
  const bad = 'InvalidParameter';
  const without = (config, name) => ({ ...config, [name]: undefined });
  for (const [what, SecretType, SecretData, ExtendedConfig, code, more] of [
    ['no ExtendedConfig', 'Rds', LOGIN, undefined, absent],
    ['no SecretSubType', 'Rds', LOGIN, without(RDS, 'SecretSubType'), absent],
    ['an unknown SecretSubType', 'Rds', LOGIN, { ...RDS, SecretSubType: 'ManyUsers' }, bad],
    ['no DBInstanceId', 'Rds', LOGIN, without(RDS, 'DBInstanceId'), absent],
    ['CustomData that is no object', 'Rds', LOGIN, { ...RDS, CustomData: 'x' }, bad],
    ['11 pairs of CustomData', 'Rds', LOGIN, { ...RDS, CustomData: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, 'v'])) }, bad],
    ['more than 1024 characters of ExtendedConfig', 'Rds', LOGIN, { ...RDS, CustomData: { k: 'v'.repeat(1024) } }, bad],
    ['a value that is no JSON', 'Rds', 'app:p@ss', RDS, bad],
    ['a value without accounts', 'Rds', '{"Accounts":[]}', RDS, bad],
    ['an account without a password', 'Rds', '{"Accounts":[{"AccountName":"app"}]}', RDS, bad],
    ['a binary value', 'Rds', 'AAAA', RDS, bad, { SecretDataType: 'binary' }],
    ['the prefix acs/', 'Rds', LOGIN, RDS, bad, { SecretName: `acs/${walk.runId}` }],
    ['rotation every 5 hours', 'Rds', LOGIN, RDS, bad, { EnableAutomaticRotation: true, RotationInterval: '5h' }],
    ['rotation every 366 days', 'Rds', LOGIN, RDS, bad, { EnableAutomaticRotation: true, RotationInterval: '366d' }],
    ['rotation without an interval', 'Rds', LOGIN, RDS, absent, { EnableAutomaticRotation: true }],
    ['a name without acs/ecs/', 'ECS', ROOT, PASSWORD, bad, { SecretName: `${walk.runId}/ecs` }],
    ['the value of a key pair for a password', 'ECS', keyPair, PASSWORD, bad],
    ['no InstanceId', 'ECS', ROOT, without(PASSWORD, 'InstanceId'), absent],
    ['SingleUser', 'Redis', '$Auto', { ...REDIS, SecretSubType: 'SingleUser' }, bad],
    ['a value that is not $Auto', 'Redis', LOGIN, REDIS, bad],
    ['no DBType', 'PolarDB', '$Auto', POLAR, absent],
    ['no UserName', 'RAMCredentials', '{"AccessKeys":[{"AccessKeyId":"a","AccessKeySecret":"b"}]}', { SecretSubType: 'RamUserAccessKey' }, absent, { SecretName: '$Auto' }],
    ['an unknown type', 'Oracle', 'x', RDS, bad],
  ]) {
    await walk.refuses(`CreateSecret of type ${SecretType} with ${what} is refused`, 400, code, 'CreateSecret', {
      SecretName: `${nameOf(SecretType)}-bad`,
      VersionId: 'v1',
      SecretType,
      SecretData,
      ...(ExtendedConfig && { ExtendedConfig }),
      ...more,
    });
  }
  const SecretName = nameOf('Rds-SingleUser');
  await walk.check('UpdateSecretRotationPolicy on, with its bounds, and off', async () => {
    const on = { SecretName, EnableAutomaticRotation: true };
    equal((await walk.call('UpdateSecretRotationPolicy', { ...on, RotationInterval: '7d' })).SecretName, SecretName, 'SecretName');
    for (const action of ['DescribeSecret', 'GetSecretValue']) {
      const shown = await walk.call(action, { SecretName });
      walk.shows(action, shown, { RotationInterval: `${7 * 86400}s` });
      if (!walk.kms.has(action, 'AutomaticRotation')) continue;
      holds(['Enabled', 'Invalid'].includes(shown.AutomaticRotation), `AutomaticRotation is ${shown.AutomaticRotation}`);
      matches(TIME, shown.NextRotationDate, 'NextRotationDate');
    }
    for (const RotationInterval of ['6h', '365d', '8760h']) await walk.call('UpdateSecretRotationPolicy', { ...on, RotationInterval });
    for (const RotationInterval of ['5h', '366d', '2w']) await walk.refused(400, bad, 'UpdateSecretRotationPolicy', { ...on, RotationInterval });
    await walk.refused(400, absent, 'UpdateSecretRotationPolicy', on);
    await walk.call('UpdateSecretRotationPolicy', { SecretName, EnableAutomaticRotation: false });
    const shown = await walk.call('DescribeSecret', { SecretName });
    walk.shows('DescribeSecret', shown, { AutomaticRotation: 'Disabled' });
    empty(shown, 'NextRotationDate', 'RotationInterval');
  });
  await walk.check('UpdateSecret replaces CustomData', async () => {
    await walk.call('UpdateSecret', { SecretName, ExtendedConfig: { CustomData: { owner: 'others', place: '密' } } });
    const shown = JSON.parse((await walk.call('GetSecretValue', { SecretName, FetchExtendedConfig: true })).ExtendedConfig);
    equal(shown.CustomData, { owner: 'others', place: '密' }, 'CustomData');
    equal(shown.DBInstanceId, RDS.DBInstanceId, 'DBInstanceId');
  });
  await walk.check('ListSecrets by SecretType RDS', async () => {
    const Filters = JSON.stringify([{ Key: 'SecretType', Values: ['RDS'] }, { Key: 'SecretName', Values: [walk.runId] }]);
    const entries = (await walk.call('ListSecrets', { Filters })).SecretList.Secret;
    equal(entries.map((entry) => entry.SecretName).sort(), [nameOf('Rds-DoubleUsers'), nameOf('Rds-SingleUser')], 'SecretNames');
  });
}

export async function genericRotation(walk) {
  const SecretName = `${walk.runId}/never-rotated`;
  await walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: '1' });
  for (const [action, parameters] of [
    ['RotateSecret', { VersionId: 'v2' }],
    ['UpdateSecretRotationPolicy', { EnableAutomaticRotation: true, RotationInterval: '7d' }],
  ]) {
    await walk.refuses(`${action} of a generic secret is refused`, 400, 'Rejected.UnsupportedOperation', action, { SecretName, ...parameters });
    await walk.refuses(`${action} of an unknown secret is refused`, 404, 'Forbidden.ResourceNotFound', action, { SecretName: `${walk.runId}/none`, ...parameters });
  }
  await walk.check('the value of a generic secret stays after that', async () =>
    equal((await walk.call('GetSecretValue', { SecretName })).SecretData, '1', 'SecretData'));
}
