// The checks that every Node client runs, in every signature version it has.
//
// A client is an adapter with `call(action, parameters, { date, nonce })`, which takes and gives names
// as they stand on the wire, and throws `KmsError`. `date` and `nonce` replace what the SDK would have
// put into the request before signing it.

import { randomBytes } from 'node:crypto';
import { equal, holds, matches, refused } from './harness.mjs';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const REQUEST_ID = /^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$/;
const KEY_ID = /^key-[a-z]{3}[0-9a-f]{8}[0-9a-z]{10}$/;
const VERSION_ID = /^[0-9A-Za-z-]{36}$/;
const UNKNOWN_KEY = 'key-hzz00000000aaaaaaaaaa';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

const TEXTS = {
  'text that is no base64': 'plaintext',
  'text beyond ASCII': 'Grüße, 密钥 и ключ 🔑',
  'base64 text': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('base64'),
  'text that URLs escape': ' a+b*c~d/e=f&g%20h?i#j\'k(l)!"m\\n<>\t\r\n.',
  'one character': 'x',
};

export const stamp = (minutes = 0) =>
  new Date(Date.now() + minutes * 60000).toISOString().replace(/\.\d+Z$/, 'Z');

const decode = (text) => {
  const bytes = Buffer.from(text, 'base64');
  equal(bytes.toString('base64'), text, 'base64 text');
  return bytes;
};

function empty(answer, ...names) {
  for (const name of names) {
    holds(answer[name] === undefined || answer[name] === null || answer[name] === '', `${name} is ${answer[name]}, expected none`);
  }
}

export function answered(answer) {
  matches(REQUEST_ID, answer.RequestId, 'RequestId');
  return answer;
}

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

export class Suite {
  constructor(harness, kms, ready, tag) {
    Object.assign(this, { harness, kms, ready, tag });
    this.runId = `${tag.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${randomBytes(4).toString('hex')}`;
  }

  check(name, fn) {
    return this.harness.check(`${this.tag}: ${name}`, fn);
  }

  async call(action, parameters = {}, overrides = {}) {
    return answered(await this.kms.call(action, parameters, overrides));
  }

  refuses(name, status, code, action, parameters = {}, overrides = {}) {
    return this.check(name, () =>
      refused(status, this.kms.exposed(code), () => this.kms.call(action, parameters, overrides)));
  }

  async newKey(parameters = {}) {
    return (await this.call('CreateKey', parameters)).KeyMetadata;
  }

  arn(kind, name) {
    return `acs:kms:${this.ready.region}:${this.ready.account}:${kind}${name}`;
  }

  async run() {
    await this.regionsAndKeys();
    if (!this.key) {
      await this.check('the remaining checks', () => holds(false, 'not run, for there is no key'));
      return;
    }
    await this.aliases();
    await this.keyLists();
    await this.encryption();
    await this.contexts();
    await this.dataKeys();
    await this.states();
    await this.passwords();
    await this.secrets();
    await this.secretVersions();
    await this.secretLists();
    await this.secretSizes();
    await this.missingParameters();
    await this.undoneOperations();
    await this.clockAndReplay();
  }

  // Regions and keys

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

  /** Makes the named things, then walks a list operation: its defaults, its pages and its counts. */
  async pages(action, outer, inner, id, names, make) {
    const before = (await this.call(action, { PageSize: 1 })).TotalCount;
    for (const name of names) await make(name);
    const total = before + names.length;
    const first = await this.call(action);
    equal([first.PageNumber, first.PageSize, first.TotalCount], [1, 10, total], 'PageNumber, PageSize and TotalCount');
    equal(first[outer][inner].length, 10, 'number of entries');
    const found = new Map();
    let count = 0;
    for (let PageNumber = 1; PageNumber <= Math.ceil(total / 7); PageNumber += 1) {
      const page = await this.call(action, { PageNumber, PageSize: 7 });
      equal([page.PageNumber, page.PageSize], [PageNumber, 7], 'PageNumber and PageSize');
      for (const entry of page[outer][inner]) {
        found.set(entry[id], { ...entry });
        count += 1;
      }
    }
    equal(count, total, 'number of entries over all pages');
    equal(found.size, total, 'number of different entries');
    const beyond = await this.call(action, { PageNumber: 99, PageSize: 100 });
    equal([beyond[outer][inner], beyond.TotalCount], [[], total], 'a page beyond the last one');
    return found;
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

  // Cryptography

  async roundTrip(KeyId, Plaintext, context, readContext = context) {
    const sealed = await this.call('Encrypt', { KeyId, Plaintext, ...(context && { EncryptionContext: context }) });
    equal(sealed.KeyId, this.key.KeyId, 'KeyId of Encrypt');
    equal(sealed.KeyVersionId, this.key.PrimaryKeyVersion, 'KeyVersionId of Encrypt');
    equal(decode(sealed.CiphertextBlob).subarray(0, 36).toString(), sealed.KeyVersionId, 'version id at the head of the blob');
    const opened = await this.call('Decrypt', {
      CiphertextBlob: sealed.CiphertextBlob,
      ...(readContext && { EncryptionContext: readContext }),
    });
    equal(opened.Plaintext, Plaintext, 'Plaintext');
    equal(opened.KeyId, this.key.KeyId, 'KeyId of Decrypt');
    equal(opened.KeyVersionId, this.key.PrimaryKeyVersion, 'KeyVersionId of Decrypt');
    return sealed.CiphertextBlob;
  }

  async encryption() {
    const KeyId = this.key.KeyId;
    for (const [name, text] of Object.entries(TEXTS)) {
      await this.check(`Encrypt and Decrypt ${name}`, () => this.roundTrip(KeyId, text));
    }
    await this.check('Encrypt by alias names the real key', () => this.roundTrip(this.alias, 'by alias'));
    await this.check('Encrypt by ARN names the real key', () => this.roundTrip(this.key.Arn, 'by ARN'));
    await this.check('Encrypt by alias ARN names the real key', () => this.roundTrip(this.arn('', this.alias), 'by alias ARN'));
    await this.check('Encrypt never gives the same blob twice', async () => {
      holds((await this.roundTrip(KeyId, 'same')) !== (await this.roundTrip(KeyId, 'same')), 'two encryptions gave one blob');
    });
    await this.check('Encrypt of 6144 bytes', () => this.roundTrip(KeyId, 'a'.repeat(6144)));
    await this.check('Encrypt of 6144 bytes in 2048 characters', () => this.roundTrip(KeyId, '密'.repeat(2048)));
    for (const [name, Plaintext] of [
      ['6145 bytes', 'a'.repeat(6145)],
      ['6145 bytes in 2049 characters', `${'密'.repeat(2048)}a`],
    ]) {
      await this.refuses(`Encrypt of ${name} is refused`, 400, 'InvalidParameter', 'Encrypt', { KeyId, Plaintext });
    }
    await this.refuses('Encrypt with an unknown key is refused', 404, 'Forbidden.KeyNotFound', 'Encrypt', {
      KeyId: UNKNOWN_KEY,
      Plaintext: 'x',
    });
    for (const position of [-1, 36, 50]) {
      await this.check(`Decrypt of a blob with byte ${position} changed is refused`, async () => {
        const blob = decode(await this.roundTrip(KeyId, 'to be broken'));
        blob[position < 0 ? blob.length + position : position] ^= 1;
        await this.decryptRefused(400, 'InvalidParameter', blob);
      });
    }
    await this.check('Decrypt of a blob that was cut off is refused', async () => {
      await this.decryptRefused(400, 'InvalidParameter', decode(await this.roundTrip(KeyId, 'to be cut')).subarray(0, 48));
    });
    await this.refuses('Decrypt of what is no base64 is refused', 400, 'InvalidParameter', 'Decrypt', { CiphertextBlob: '!no base64!' });
    await this.check('Decrypt of a blob of an unknown key is refused', () =>
      this.decryptRefused(
        404,
        'Forbidden.KeyNotFound',
        Buffer.concat([Buffer.from('00000000-0000-4000-8000-000000000000'), randomBytes(60)]),
      ));
  }

  decryptRefused(status, code, blob) {
    return refused(status, this.kms.exposed(code), () => this.kms.call('Decrypt', { CiphertextBlob: blob.toString('base64') }, {}));
  }

  async contexts() {
    const KeyId = this.key.KeyId;
    const context = { purpose: 'backup', owner: 'Jürgen & 密', zone: 'a+b=c' };
    const otherOrder = Object.fromEntries(Object.entries(context).reverse());
    await this.check('EncryptionContext is bound and can be given again', () => this.roundTrip(KeyId, 'x', context));
    await this.check('EncryptionContext may be given in another order', () => this.roundTrip(KeyId, 'x', context, otherOrder));
    const sealed = await this.check('Encrypt with EncryptionContext', async () =>
      (await this.call('Encrypt', { KeyId, Plaintext: 'x', EncryptionContext: context })).CiphertextBlob);
    for (const [name, pairs] of [
      ['another value', { ...context, purpose: 'restore' }],
      ['a pair missing', { purpose: 'backup' }],
      ['a pair more', { ...context, more: '1' }],
    ]) {
      await this.refuses(`Decrypt with an EncryptionContext with ${name} is refused`, 400, 'InvalidParameter', 'Decrypt', {
        CiphertextBlob: sealed,
        EncryptionContext: pairs,
      });
    }
    await this.refuses('Decrypt without the EncryptionContext is refused', 400, 'InvalidParameter', 'Decrypt', { CiphertextBlob: sealed });
    await this.check('Decrypt with an EncryptionContext that Encrypt did not have is refused', async () => {
      const CiphertextBlob = await this.roundTrip(KeyId, 'x');
      await refused(400, this.kms.exposed('InvalidParameter'), () =>
        this.kms.call('Decrypt', { CiphertextBlob, EncryptionContext: context }, {}));
    });
    if (!this.kms.contextAsJson) return;
    for (const [name, pairs] of [
      ['a number', { a: 1 }],
      ['a list', { a: ['b'] }],
      ['a nested object', { a: { b: 'c' } }],
    ]) {
      await this.refuses(`Encrypt with ${name} in the EncryptionContext is refused`, 400, 'InvalidParameter', 'Encrypt', {
        KeyId,
        Plaintext: 'x',
        EncryptionContext: pairs,
      });
    }
  }

  async dataKeys() {
    const KeyId = this.key.KeyId;
    const generated = async (action, parameters, size, key = KeyId) => {
      const answer = await this.call(action, { KeyId: key, ...parameters });
      equal(answer.KeyId, KeyId, 'KeyId');
      equal(answer.KeyVersionId, this.key.PrimaryKeyVersion, 'KeyVersionId');
      const context = parameters.EncryptionContext && { EncryptionContext: parameters.EncryptionContext };
      const opened = (await this.call('Decrypt', { CiphertextBlob: answer.CiphertextBlob, ...context })).Plaintext;
      equal(decode(opened).length, size, 'number of bytes');
      if (action === 'GenerateDataKey') equal(answer.Plaintext, opened, 'Plaintext');
      else empty(answer, 'Plaintext');
      return opened;
    };
    for (const action of ['GenerateDataKey', 'GenerateDataKeyWithoutPlaintext']) {
      for (const [name, parameters, size] of [
        ['default', {}, 32],
        ['AES_256', { KeySpec: 'AES_256' }, 32],
        ['AES_128', { KeySpec: 'AES_128' }, 16],
        ['1 byte', { NumberOfBytes: 1 }, 1],
        ['1024 bytes', { NumberOfBytes: 1024 }, 1024],
        ['24 bytes before AES_128', { NumberOfBytes: 24, KeySpec: 'AES_128' }, 24],
        ['with EncryptionContext', { EncryptionContext: { a: 'b' } }, 32],
      ]) {
        await this.check(`${action}, ${name}`, () => generated(action, parameters, size));
      }
      await this.check(`${action} by alias`, () => generated(action, {}, 32, this.alias));
      await this.check(`${action} by ARN`, () => generated(action, {}, 32, this.key.Arn));
      for (const [name, parameters] of [
        ['1025 bytes', { NumberOfBytes: 1025 }],
        ['an unknown KeySpec', { KeySpec: 'AES_512' }],
      ]) {
        await this.refuses(`${action} with ${name} is refused`, 400, 'InvalidParameter', action, { KeyId, ...parameters });
      }
      await this.refuses(`${action} with an unknown key is refused`, 404, 'Forbidden.KeyNotFound', action, { KeyId: UNKNOWN_KEY });
    }
    await this.check('GenerateDataKey never gives the same key twice', async () => {
      holds((await generated('GenerateDataKey', {}, 32)) !== (await generated('GenerateDataKey', {}, 32)), 'the same key twice');
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

  // Passwords

  async passwords() {
    const classes = {
      'lower case': ['ExcludeLowercase', LOWER],
      'upper case': ['ExcludeUppercase', LOWER.toUpperCase()],
      digits: ['ExcludeNumbers', DIGITS],
      punctuation: ['ExcludePunctuation', PUNCTUATION],
    };
    const all = Object.values(classes).map(([, members]) => members);
    const password = async (length, parameters = {}, absent = '', required = []) => {
      const text = (await this.call('GetRandomPassword', parameters)).RandomPassword;
      equal(text.length, length, 'length');
      const one = (members) => [...text].some((character) => members.includes(character));
      holds([...text].every((character) => all.join('').includes(character)), 'a character outside the four classes');
      holds(!one(absent), 'an excluded character');
      for (const members of required) holds(one(members), `no character of ${members}`);
      return text;
    };
    await this.check('GetRandomPassword: 32 characters of all classes', () => password(32, {}, '', all));
    for (const PasswordLength of ['8', '64', '128']) {
      await this.check(`GetRandomPassword of ${PasswordLength} characters`, () => password(Number(PasswordLength), { PasswordLength }, '', all));
    }
    for (const PasswordLength of ['7', '129', 'long']) {
      await this.refuses(`GetRandomPassword of ${PasswordLength} characters is refused`, 400, 'InvalidParameter', 'GetRandomPassword', { PasswordLength });
    }
    for (const [name, [parameter, members]] of Object.entries(classes)) {
      await this.check(`GetRandomPassword without ${name}`, () => password(32, { [parameter]: 'true' }, members));
    }
    const unwanted = 'aeiouAEIOU013579+&=%#"\'\\~';
    await this.check('GetRandomPassword with ExcludeCharacters', () =>
      password(128, { PasswordLength: '128', ExcludeCharacters: unwanted }, unwanted));
    await this.check('GetRandomPassword with RequireEachIncludedType', () =>
      password(8, { PasswordLength: '8', RequireEachIncludedType: 'true' }, '', all));
    await this.refuses('GetRandomPassword without any class is refused', 400, 'InvalidParameter', 'GetRandomPassword',
      Object.fromEntries(Object.values(classes).map(([parameter]) => [parameter, 'true'])));
    await this.check('GetRandomPassword never gives the same password twice', async () => {
      holds((await password(32)) !== (await password(32)), 'the same password twice');
    });
  }

  // Secrets

  async valueIs(SecretName, VersionId, SecretData, stages, parameters = {}, SecretDataType = 'text') {
    const answer = await this.call('GetSecretValue', { SecretName, ...parameters });
    const expected = { SecretName, VersionId, SecretData, SecretDataType };
    if (this.kms.has('GetSecretValue', 'SecretType')) expected.SecretType = 'Generic';
    for (const [field, value] of Object.entries(expected)) equal(answer[field], value, field);
    equal([...answer.VersionStages.VersionStage].sort(), [...stages].sort(), 'VersionStages');
    matches(TIME, answer.CreateTime, 'CreateTime');
    empty(answer, 'ExtendedConfig', 'NextRotationDate', 'RotationInterval');
  }

  async secrets() {
    const SecretName = `${this.runId}/app.db+main=1@x-y_z`;
    const SecretData = ' p@ss w0rd+&=%25~*"\'<>/\\ Grüße 密钥 🔑\r\n\t#';
    const Description = `for ${this.runId} é`;
    const tags = [['team', 'blue'], [this.runId, 'a b']];
    Object.assign(this, { secret: SecretName, firstValue: SecretData, tags });
    await this.check('CreateSecret', async () => {
      const answer = await this.call('CreateSecret', {
        SecretName,
        VersionId: 'v1',
        SecretData,
        Description,
        Tags: JSON.stringify(tags.map(([TagKey, TagValue]) => ({ TagKey, TagValue }))),
      });
      equal(answer.Arn, this.arn('secret/', SecretName), 'Arn');
      equal([answer.SecretName, answer.VersionId], [SecretName, 'v1'], 'SecretName and VersionId');
      if (this.kms.has('CreateSecret', 'SecretType')) equal(answer.SecretType, 'Generic', 'SecretType');
      empty(answer, 'ExtendedConfig', 'NextRotationDate', 'RotationInterval', 'DKMSInstanceId');
    });
    await this.refuses('CreateSecret of a name in use is refused', 409, 'Rejected.ResourceExist', 'CreateSecret', {
      SecretName,
      VersionId: 'v9',
      SecretData: 'x',
    });
    await this.check('GetSecretValue', () => this.valueIs(SecretName, 'v1', SecretData, ['ACSCurrent']));
    await this.check('GetSecretValue by stage', () =>
      this.valueIs(SecretName, 'v1', SecretData, ['ACSCurrent'], { VersionStage: 'ACSCurrent' }));
    await this.check('GetSecretValue by version id', () =>
      this.valueIs(SecretName, 'v1', SecretData, ['ACSCurrent'], { VersionId: 'v1' }));
    const none = `${this.runId}/none`;
    for (const [name, action, parameters] of [
      ['GetSecretValue of an unknown secret', 'GetSecretValue', { SecretName: none }],
      ['GetSecretValue of an unknown version', 'GetSecretValue', { SecretName, VersionId: 'v0' }],
      ['GetSecretValue of an unknown stage', 'GetSecretValue', { SecretName, VersionStage: 'ACSPrevious' }],
      ['DescribeSecret of an unknown secret', 'DescribeSecret', { SecretName: none }],
      ['PutSecretValue to an unknown secret', 'PutSecretValue', { SecretName: none, VersionId: 'v1', SecretData: 'x' }],
    ]) {
      await this.refuses(`${name} is refused`, 404, 'Forbidden.ResourceNotFound', action, parameters);
    }
    for (const FetchTags of ['true', undefined]) {
      await this.check(`DescribeSecret ${FetchTags ? 'with its' : 'without'} tags`, async () => {
        const answer = await this.call('DescribeSecret', { SecretName, ...(FetchTags && { FetchTags }) });
        equal([answer.Arn, answer.SecretName, answer.Description], [this.arn('secret/', SecretName), SecretName, Description], 'Arn, SecretName, Description');
        if (this.kms.has('DescribeSecret', 'SecretType')) equal(answer.SecretType, 'Generic', 'SecretType');
        matches(TIME, answer.CreateTime, 'CreateTime');
        matches(TIME, answer.UpdateTime, 'UpdateTime');
        empty(answer, 'PlannedDeleteTime', 'DKMSInstanceId', 'ExtendedConfig', 'RotationInterval');
        this.tagsAre(answer, FetchTags ? tags : []);
      });
    }
    for (const [name, bad] of [
      ['longer than 192 characters', 'n'.repeat(193)],
      ['with the prefix acs/', `acs/${this.runId}`],
      ['with a blank', `${this.runId} x`],
    ]) {
      await this.refuses(`CreateSecret with a name ${name} is refused`, 400, 'InvalidParameter', 'CreateSecret', {
        SecretName: bad,
        VersionId: 'v1',
        SecretData: 'x',
      });
    }
    await this.check('a binary secret comes back as it went in', async () => {
      const binary = { SecretName: `${this.runId}/binary`, VersionId: 'v1', SecretData: TEXTS['base64 text'], SecretDataType: 'binary' };
      await this.call('CreateSecret', binary);
      await this.valueIs(binary.SecretName, 'v1', binary.SecretData, ['ACSCurrent'], {}, 'binary');
    });
  }

  tagsAre(answer, expected) {
    const seen = (answer.Tags?.Tag ?? []).map((tag) => [tag.TagKey, tag.TagValue]);
    equal(seen.sort(), [...expected].sort(), 'Tags');
  }

  async secretVersions() {
    const { secret: SecretName, firstValue: first } = this;
    const put = async (VersionId, SecretData, stages, parameters = {}) => {
      const answer = await this.call('PutSecretValue', {
        SecretName,
        VersionId,
        SecretData,
        ...(stages && { VersionStages: JSON.stringify(stages) }),
        ...parameters,
      });
      equal([answer.SecretName, answer.VersionId], [SecretName, VersionId], 'SecretName and VersionId');
      equal([...answer.VersionStages.VersionStage].sort(), [...(stages ?? ['ACSCurrent'])].sort(), 'VersionStages');
    };
    const previous = { VersionStage: 'ACSPrevious' };
    await this.check('PutSecretValue moves ACSCurrent and ACSPrevious', async () => {
      await put('v2', 'second');
      await this.valueIs(SecretName, 'v2', 'second', ['ACSCurrent']);
      await this.valueIs(SecretName, 'v1', first, ['ACSPrevious'], previous);
      await put('v3', 'third');
      await this.valueIs(SecretName, 'v3', 'third', ['ACSCurrent']);
      await this.valueIs(SecretName, 'v2', 'second', ['ACSPrevious'], previous);
      await this.valueIs(SecretName, 'v1', first, [], { VersionId: 'v1' });
    });
    await this.check('PutSecretValue with the same id and value changes nothing', async () => {
      await put('v3', 'third');
      await this.valueIs(SecretName, 'v3', 'third', ['ACSCurrent']);
      await this.valueIs(SecretName, 'v2', 'second', ['ACSPrevious'], previous);
    });
    await this.refuses('PutSecretValue with the same id and another value is refused', 409, 'Rejected.ResourceExist', 'PutSecretValue', {
      SecretName,
      VersionId: 'v3',
      SecretData: 'other',
    });
    await this.refuses('GetSecretValue with an id and a stage of different versions is refused', 404, 'Forbidden.ResourceNotFound', 'GetSecretValue', {
      SecretName,
      VersionId: 'v2',
      VersionStage: 'ACSCurrent',
    });
    await this.check('PutSecretValue with VersionStages moves those labels', async () => {
      await put('v4', 'fourth', ['blue']);
      await this.valueIs(SecretName, 'v4', 'fourth', ['blue'], { VersionStage: 'blue' });
      await this.valueIs(SecretName, 'v3', 'third', ['ACSCurrent']);
      await put('v5', 'fifth', ['ACSCurrent', 'blue']);
      await this.valueIs(SecretName, 'v5', 'fifth', ['ACSCurrent', 'blue']);
      await this.valueIs(SecretName, 'v3', 'third', ['ACSPrevious'], previous);
      await this.valueIs(SecretName, 'v4', 'fourth', [], { VersionId: 'v4' });
    });
    await this.check('PutSecretValue of binary data', async () => {
      await put('v6', 'AAECAw==', undefined, { SecretDataType: 'binary' });
      await this.valueIs(SecretName, 'v6', 'AAECAw==', ['ACSCurrent'], {}, 'binary');
    });
  }

  async secretLists() {
    await this.check('ListSecrets: defaults, pages, entries', async () => {
      const names = Array.from({ length: 11 }, (_, number) => `${this.runId}/list-${String(number).padStart(2, '0')}`);
      const found = await this.pages('ListSecrets', 'SecretList', 'Secret', 'SecretName', names, (SecretName) =>
        this.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData: 'x' }));
      for (const name of names) {
        const entry = found.get(name);
        holds(entry, `${name} is not listed`);
        matches(TIME, entry.CreateTime, 'CreateTime');
        matches(TIME, entry.UpdateTime, 'UpdateTime');
        if (this.kms.has('ListSecrets', 'SecretType')) equal(entry.SecretType, 'Generic', 'SecretType');
        empty(entry, 'PlannedDeleteTime');
      }
    });
    await this.refuses('ListSecrets with a PageSize of 101 is refused', 400, 'InvalidParameter', 'ListSecrets', { PageSize: 101 });
    if (!this.kms.has('ListSecrets', 'Filters')) return;
    const filtered = async (filters, expected, parameters = {}) => {
      const Filters = JSON.stringify(Object.entries(filters).map(([Key, Values]) => ({ Key, Values })));
      const answer = await this.call('ListSecrets', { Filters, ...parameters });
      const entries = answer.SecretList.Secret;
      equal(entries.map((entry) => entry.SecretName).sort(), [...expected].sort(), 'SecretNames');
      equal(answer.TotalCount, expected.length, 'TotalCount');
      return entries;
    };
    const one = `${this.runId}/list-05`;
    const other = `${this.runId}/list-06`;
    await this.check('ListSecrets by name', () => filtered({ SecretName: [one] }, [one]));
    await this.check('ListSecrets by two names', () => filtered({ SecretName: [one, other] }, [one, other]));
    await this.check('ListSecrets by a filter that nothing meets', () => filtered({ SecretName: [`${this.runId}/no`] }, []));
    await this.check('ListSecrets by tag, with tags', async () => {
      const [entry] = await filtered({ TagKey: [this.runId], TagValue: ['a b'] }, [this.secret], { FetchTags: 'true' });
      this.tagsAre(entry, this.tags);
    });
  }

  async secretSizes() {
    const values = { '30720 bytes': 'a'.repeat(30720) };
    if (this.kms.secretDataInBody) values['30720 bytes in 10240 characters'] = '密'.repeat(10240);
    for (const [name, SecretData] of Object.entries(values)) {
      await this.check(`a secret of ${name}`, async () => {
        const SecretName = `${this.runId}/${name.replaceAll(' ', '-')}`;
        await this.call('CreateSecret', { SecretName, VersionId: 'v1', SecretData });
        await this.valueIs(SecretName, 'v1', SecretData, ['ACSCurrent']);
      });
    }
    for (const [action, SecretName] of [['CreateSecret', `${this.runId}/large`], ['PutSecretValue', this.secret]]) {
      await this.refuses(`${action} of 30721 bytes is refused`, 400, 'InvalidParameter', action, {
        SecretName,
        VersionId: 'large',
        SecretData: 'a'.repeat(30721),
      });
    }
  }

  // Refusals that do not depend on keys and secrets

  async missingParameters() {
    const complete = {
      DescribeKey: { KeyId: 'x' },
      EnableKey: { KeyId: 'x' },
      DisableKey: { KeyId: 'x' },
      CreateAlias: { AliasName: 'alias/x', KeyId: 'x' },
      Encrypt: { KeyId: this.key.KeyId, Plaintext: 'x' },
      Decrypt: { CiphertextBlob: 'x' },
      GenerateDataKey: { KeyId: 'x' },
      GenerateDataKeyWithoutPlaintext: { KeyId: 'x' },
      CreateSecret: { SecretName: 'x', VersionId: 'v1', SecretData: 'x' },
      PutSecretValue: { SecretName: 'x', VersionId: 'v1', SecretData: 'x' },
      GetSecretValue: { SecretName: 'x' },
      DescribeSecret: { SecretName: 'x' },
    };
    for (const [action, parameters] of Object.entries(complete)) {
      for (const name of Object.keys(parameters)) {
        const { [name]: _, ...rest } = parameters;
        await this.refuses(`${action} without ${name} is refused`, 400, `Missing${name}`, action, rest);
      }
    }
  }

  async undoneOperations() {
    await this.refuses('ListNetworkRules is not offered yet', 400, 'UnsupportedOperation', 'ListNetworkRules');
    await this.refuses('an unknown operation is refused', 404, 'InvalidAction.NotFound', 'NoSuchOperation');
  }

  async clockAndReplay() {
    for (const minutes of [-14, 14]) {
      await this.check(`a request dated ${minutes} minutes is served`, () => this.call('DescribeRegions', {}, { date: stamp(minutes) }));
    }
    for (const minutes of [-16, 16]) {
      await this.refuses(`a request dated ${minutes} minutes is refused`, 400, 'InvalidTimeStamp.Expired', 'DescribeRegions', {}, {
        date: stamp(minutes),
      });
    }
    await this.refuses('a date that is none is refused', 400, 'InvalidTimeStamp.Format', 'DescribeRegions', {}, { date: 'yesterday' });
    await this.check('a request sent twice is refused', async () => {
      const twice = { date: stamp(), nonce: randomBytes(16).toString('hex') };
      await this.call('DescribeRegions', {}, twice);
      await refused(400, this.kms.exposed('SignatureNonceUsed'), () => this.kms.call('DescribeRegions', {}, twice));
    });
  }
}
