// Secrets, their versions and their lists.

import { empty, TEXTS, TIME } from './checks.mjs';
import { CryptoChecks } from './crypto-checks.mjs';
import { equal, holds, matches } from './harness.mjs';

export class SecretChecks extends CryptoChecks {
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
}
