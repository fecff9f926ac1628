// SetKeyPolicy, GetKeyPolicy, SetSecretPolicy, GetSecretPolicy.
//
// Keys and secrets outside an instance have policies here, which is more than the vendor offers.

import { UNKNOWN_KEY } from '../checks.mjs';
import { equal } from '../harness.mjs';

export async function policies(walk) {
  const { account } = walk.ready;
  const KeyId = (await walk.newKey()).KeyId;
  const SecretName = `${walk.runId}/policy`;
  const AliasName = `alias/${walk.runId}/policy`;
  await walk.check('CreateSecret for the policies', () => walk.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: 'x' }));
  await walk.check('CreateAlias for the policies', () => walk.call('CreateAlias', { AliasName, KeyId }));
  const statement = { Sid: 'kms users', Effect: 'Allow', Principal: { RAM: [`acs:ram::${account}:*`] }, Action: ['kms:*'], Resource: ['*'] };
  const of = (...statements) => JSON.stringify({ Version: '1', Statement: statements });
  const document = (changes = {}) => of({ ...statement, ...changes });
  const valid = [
    ['one statement', document()],
    ['two statements', of(statement, { ...statement, Sid: '2', Effect: 'Deny', Action: 'kms:DeleteSecret' })],
    ['texts in place of lists', document({ Principal: { RAM: `acs:ram::${account}:user/alice` }, Action: 'kms:Decrypt', Resource: '*' })],
    ['no Sid', document({ Sid: undefined })],
    ['a condition', document({ Condition: { IpAddress: { 'acs:SourceIp': ['10.0.0.0/8'] } } })],
    ['a role of another account', of(statement, { ...statement, Sid: 'other', Principal: { RAM: ['acs:ram::1234567890123456:role/reader'] } })],
  ];
  const invalid = [
    ['text that is no JSON', 'everybody'],
    ['another version', JSON.stringify({ Version: '2', Statement: [statement] })],
    ['no statement', '{"Version":"1"}'],
    ['an unknown effect', document({ Effect: 'Perhaps' })],
    ['an action of another product', document({ Action: ['ecs:*'] })],
    ['a resource that is not *', document({ Resource: [walk.arn('key/', KeyId)] })],
    ['no principal', document({ Principal: undefined })],
    ['a principal that is none', document({ Principal: { RAM: ['everybody'] } })],
    ['an unknown operator', document({ Condition: { StringSomehow: { 'acs:SourceIp': ['10.0.0.0/8'] } } })],
    ['a Sid of 129 characters', document({ Sid: 's'.repeat(129) })],
    ['more than 32768 bytes', document({ Action: [`kms:${'a'.repeat(32768)}`] })],
  ];
  for (const [kind, resource, unknown, notFound] of [
    ['Key', { KeyId }, { KeyId: UNKNOWN_KEY }, 'Forbidden.KeyNotFound'],
    ['Secret', { SecretName }, { SecretName: `${walk.runId}/none` }, 'Forbidden.ResourceNotFound'],
  ]) {
    const [get, set] = [`Get${kind}Policy`, `Set${kind}Policy`];
    const shown = async (parameters) => JSON.parse((await walk.call(get, { ...resource, ...parameters })).Policy);
    await walk.check(`${get} gives the default policy`, async () => {
      const expected = JSON.parse(document({ Sid: `kms default ${kind.toLowerCase()} policy` }));
      for (const parameters of [{}, { PolicyName: 'default' }]) equal(await shown(parameters), expected, 'Policy');
    });
    for (const [what, Policy] of valid) {
      await walk.check(`${set} with ${what}`, async () => {
        await walk.call(set, { ...resource, Policy, PolicyName: 'default' });
        equal(await shown(), JSON.parse(Policy), 'Policy');
      });
    }
    for (const [what, Policy] of invalid) {
      await walk.refuses(`${set} with ${what} is refused`, 400, 'InvalidParameter', set, { ...resource, Policy });
    }
    for (const [action, rest] of [[get, {}], [set, { Policy: document() }]]) {
      await walk.refuses(`${action} of an unknown name is refused`, 404, 'Forbidden.ResourceNotFound', action, { PolicyName: 'other', ...resource, ...rest });
      await walk.refuses(`${action} of an unknown ${kind.toLowerCase()} is refused`, 404, notFound, action, { ...unknown, ...rest });
      if (kind === 'Key') await walk.refuses(`${action} of an alias is refused`, 400, 'Unsupported.Alias', action, { KeyId: AliasName, ...rest });
    }
  }
  await walk.check('SetKeyPolicy and GetKeyPolicy by ARN', async () => {
    await walk.call('SetKeyPolicy', { KeyId: walk.arn('key/', KeyId), Policy: document() });
    await walk.call('GetKeyPolicy', { KeyId: walk.arn('key/', KeyId) });
  });
  await walk.check('CreateKey and CreateSecret with a policy', async () => {
    const Policy = document({ Sid: 'from the start' });
    const made = await walk.newKey({ Policy });
    equal(JSON.parse((await walk.call('GetKeyPolicy', { KeyId: made.KeyId })).Policy), JSON.parse(Policy), 'Policy of the key');
    await walk.call('CreateSecret', { SecretName: `${SecretName}-2`, VersionId: 'v1', SecretData: 'x', Policy });
    equal(JSON.parse((await walk.call('GetSecretPolicy', { SecretName: `${SecretName}-2` })).Policy), JSON.parse(Policy), 'Policy of the secret');
  });
}
