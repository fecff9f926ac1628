// Regions, keys, key states and aliases.

import { Checks, empty, TIME, UNKNOWN_KEY } from './checks.mjs';
import { equal, holds, matches } from './harness.mjs';

const KEY_ID = /^key-[a-z]{3}[0-9a-f]{8}[0-9a-z]{10}$/;
const VERSION_ID = /^[0-9A-Za-z-]{36}$/;

/** Every field of KeyMetadata of an enabled default key, as far as this client has them. */
function metadataIs(metadata, ready, expected = {}) {
  const id = metadata.KeyId;
  matches(KEY_ID, id, 'KeyId');
  if (ready.region === 'cn-hangzhou') holds(id.startsWith('key-hzz'), `KeyId ${id} does not begin key-hzz`);
  equal(metadata.Arn, `acs:kms:${ready.region}:${ready.account}:key/${id}`, 'Arn');
  equal(metadata.Creator, ready.account, 'Creator');
  matches(TIME, metadata.CreationDate, 'CreationDate');
  const age = Date.now() - Date.parse(metadata.CreationDate);
  holds(age > -60e3 && age < 3600e3, `CreationDate is ${age} ms ago`);
  matches(VERSION_ID, metadata.PrimaryKeyVersion, 'PrimaryKeyVersion');
  matches(TIME, metadata.LastRotationDate, 'LastRotationDate');
  const fixed = {
    Description: '',
    KeySpec: 'Aliyun_AES_256',
    KeyUsage: 'ENCRYPT/DECRYPT',
    KeyState: 'Enabled',
    Origin: 'Aliyun_KMS',
    AutomaticRotation: 'Disabled',
    ...expected,
  };
  for (const [name, value] of Object.entries(fixed)) {
    equal(name === 'Description' ? metadata[name] ?? '' : metadata[name], value, name);
  }
  holds(['SOFTWARE', 'HSM'].includes(metadata.ProtectionLevel), `ProtectionLevel is ${metadata.ProtectionLevel}`);
  empty(metadata, 'DKMSInstanceId', 'DeleteDate', 'MaterialExpireTime', 'NextRotationDate', 'RotationInterval');
}

export class KeyChecks extends Checks {
  async regionsAndKeys() {
    await this.check("DescribeRegions names the server's region", async () => {
      const regions = (await this.call('DescribeRegions')).Regions.Region.map((region) => region.RegionId);
      holds(regions.includes(this.ready.region), `own region not in ${regions}`);
    });
    await this.check('CreateKey without parameters gives an Aliyun_AES_256 key', async () => {
      const metadata = await this.newKey();
      metadataIs(metadata, this.ready);
      this.key = metadata;
    });
    if (!this.key) return;
    await this.check('CreateKey with parameters echoes them', async () => {
      const Description = `${this.runId} é 密 a+b*c~d e=f&g%h`;
      const parameters = {
        KeySpec: 'Aliyun_AES_256',
        KeyUsage: 'ENCRYPT/DECRYPT',
        Origin: 'Aliyun_KMS',
        ProtectionLevel: 'SOFTWARE',
        EnableAutomaticRotation: false,
        Description,
      };
      if (this.kms.has('CreateKey', 'Tags')) parameters.Tags = '[{"TagKey":"team","TagValue":"a b"}]';
      metadataIs(await this.newKey(parameters), this.ready, { Description, ProtectionLevel: 'SOFTWARE' });
    });
    this.described = async (name) => {
      const metadata = (await this.call('DescribeKey', { KeyId: name })).KeyMetadata;
      const expected = { KeyId: this.key.KeyId };
      if (this.kms.has('DescribeKey', 'DeletionProtection')) expected.DeletionProtection = 'Disabled';
      metadataIs(metadata, this.ready, expected);
      for (const field of ['Arn', 'CreationDate', 'PrimaryKeyVersion', 'LastRotationDate', 'ProtectionLevel']) {
        equal(metadata[field], this.key[field], field);
      }
    };
    await this.check('DescribeKey by id', () => this.described(this.key.KeyId));
    await this.check('DescribeKey by ARN', () => this.described(this.key.Arn));
    for (const [name, parameters] of [
      ['an unknown KeySpec', { KeySpec: 'Aliyun_AES_257' }],
      ['an unknown Origin', { Origin: 'Elsewhere' }],
      ['a KeyUsage that the spec cannot have', { KeyUsage: 'SIGN/VERIFY' }],
    ]) {
      await this.refuses(`CreateKey with ${name} is refused`, 400, 'InvalidParameter', 'CreateKey', parameters);
    }
    for (const action of ['DescribeKey', 'EnableKey', 'DisableKey']) {
      await this.refuses(`${action} of an unknown key is refused`, 404, 'Forbidden.KeyNotFound', action, { KeyId: UNKNOWN_KEY });
    }
  }

  async aliases() {
    const KeyId = this.key.KeyId;
    this.alias = `alias/${this.runId}/main_1`;
    await this.check('CreateAlias', () => this.call('CreateAlias', { AliasName: this.alias, KeyId }));
    await this.refuses('CreateAlias of a name in use is refused', 400, 'AliasAlreadyExists', 'CreateAlias', { AliasName: this.alias, KeyId });
    await this.refuses('CreateAlias without the prefix alias/ is refused', 400, 'InvalidParameter', 'CreateAlias', { AliasName: this.runId, KeyId });
    await this.refuses('CreateAlias for an unknown key is refused', 404, 'Forbidden.KeyNotFound', 'CreateAlias', {
      AliasName: `alias/${this.runId}/none`,
      KeyId: UNKNOWN_KEY,
    });
    await this.check('DescribeKey by alias', () => this.described(this.alias));
    for (const [action, rest] of [
      ['DescribeKey', {}],
      ['Encrypt', { Plaintext: 'x' }],
      ['GenerateDataKey', {}],
      ['GenerateDataKeyWithoutPlaintext', {}],
    ]) {
      await this.refuses(`${action} with an unknown alias is refused`, 404, 'Forbidden.AliasNotFound', action, {
        KeyId: 'alias/there-is-no-such-alias',
        ...rest,
      });
    }
    for (const action of ['EnableKey', 'DisableKey']) {
      await this.refuses(`${action} with an alias is refused`, 400, 'Unsupported.Alias', action, { KeyId: this.alias });
    }
    await this.check('ListAliases: defaults, pages, entries', async () => {
      const names = Array.from({ length: 11 }, (_, number) => `alias/${this.runId}/list-${number}`);
      const found = await this.pages('ListAliases', 'Aliases', 'Alias', 'AliasName', names, (AliasName) =>
        this.call('CreateAlias', { AliasName, KeyId }));
      for (const name of [...names, this.alias]) {
        equal(found.get(name), { KeyId, AliasName: name, AliasArn: this.arn('', name) }, name);
      }
    });
  }

  async keyLists() {
    await this.check('ListKeys: defaults, pages, entries', async () => {
      const made = [];
      const found = await this.pages('ListKeys', 'Keys', 'Key', 'KeyId', Array(11).fill(), async () =>
        made.push((await this.newKey()).KeyId));
      for (const id of made) equal(found.get(id), { KeyId: id, KeyArn: this.arn('key/', id) }, id);
    });
    await this.refuses('ListKeys with a PageSize of 101 is refused', 400, 'InvalidParameter', 'ListKeys', { PageSize: 101 });
    if (!this.kms.has('ListKeys', 'Filters')) return;
    await this.check('ListKeys with Filters', async () => {
      const disabled = (await this.newKey()).KeyId;
      await this.call('DisableKey', { KeyId: disabled });
      const answer = await this.call('ListKeys', { Filters: '[{"Key":"KeyState","Values":["Disabled"]}]', PageSize: 100 });
      const ids = answer.Keys.Key.map((entry) => entry.KeyId);
      holds(ids.includes(disabled) && !ids.includes(this.key.KeyId), `${ids.length} keys, the wrong ones`);
      equal(answer.TotalCount, ids.length, 'TotalCount');
    });
    await this.refuses('ListKeys with Filters that are no JSON is refused', 400, 'InvalidParameter', 'ListKeys', {
      Filters: 'KeyState=Disabled',
    });
  }

  async states() {
    const key = await this.check('CreateKey for the key states', () => this.newKey());
    if (!key) return;
    const KeyId = key.KeyId;
    const CiphertextBlob = (await this.call('Encrypt', { KeyId, Plaintext: 'kept' })).CiphertextBlob;
    await this.check('EnableKey of an enabled key', () => this.call('EnableKey', { KeyId }));
    await this.check('DisableKey', () => this.call('DisableKey', { KeyId }));
    await this.check('DisableKey of a disabled key', () => this.call('DisableKey', { KeyId }));
    await this.check('DescribeKey says Disabled', async () =>
      equal((await this.call('DescribeKey', { KeyId })).KeyMetadata.KeyState, 'Disabled', 'KeyState'));
    for (const [action, parameters] of [
      ['Encrypt', { KeyId, Plaintext: 'x' }],
      ['Decrypt', { CiphertextBlob }],
      ['GenerateDataKey', { KeyId }],
      ['GenerateDataKeyWithoutPlaintext', { KeyId }],
    ]) {
      await this.refuses(`${action} with a disabled key is refused`, 409, 'Rejected.Disabled', action, parameters);
    }
    await this.check('EnableKey', () => this.call('EnableKey', { KeyId }));
    await this.check('an enabled key works again', async () => {
      equal((await this.call('DescribeKey', { KeyId })).KeyMetadata.KeyState, 'Enabled', 'KeyState');
      equal((await this.call('Decrypt', { CiphertextBlob })).Plaintext, 'kept', 'Plaintext');
      await this.call('Encrypt', { KeyId, Plaintext: 'x' });
      await this.call('GenerateDataKey', { KeyId });
    });
  }
}
