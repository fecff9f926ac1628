// Encryption, data keys and random passwords.

import { randomBytes } from 'node:crypto';
import { decode, empty, TEXTS, UNKNOWN_KEY } from './checks.mjs';
import { equal, holds, refused } from './harness.mjs';
import { KeyChecks } from './key-checks.mjs';

const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

export class CryptoChecks extends KeyChecks {
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
}
