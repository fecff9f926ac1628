// All checks, in the order in which they build on each other.

import { randomBytes } from 'node:crypto';
import { holds, refused } from './harness.mjs';
import { SecretChecks } from './secret-checks.mjs';

const stamp = (minutes = 0) => new Date(Date.now() + minutes * 60000).toISOString().replace(/\.\d+Z$/, 'Z');

export class Suite extends SecretChecks {
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
    await this.unknownOperations();
    await this.clockAndReplay();
  }

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

  async unknownOperations() {
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
