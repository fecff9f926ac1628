// Runs the official Node SDKs against a started server: run.mjs READY_FILE
//
// V3: @alicloud/openapi-client, the general client under every current Alibaba Cloud SDK for Node.
// V1: @alicloud/kms20160120 1.2.0, which appends `Error` to every error code.

import { createRequire } from 'node:module';
import tls from 'node:tls';
import { answered } from './checks.mjs';
import { equal, Harness, holds, KmsError, readReady, refused } from './harness.mjs';
import { Suite } from './suite.mjs';
import { lacks } from './walk/catalogue.mjs';
import { GROUPS } from './walk/groups.mjs';
import { Walk } from './walk/walk.mjs';

const require = createRequire(`${process.env.KEYSTEAD_CONFORMANCE_PACKAGES}/package.json`);
const OpenApi = require('@alicloud/openapi-client');
const OpenApiUtil = require('@alicloud/openapi-util').default;
const Credential = require('@alicloud/credentials').default;
const Kms = require('@alicloud/kms20160120');
const Rpc = require('@alicloud/rpc-client');
const RpcUtil = require('@alicloud/rpc-util').default;
const TeaUtil = require('@alicloud/tea-util');

const VERSION = '2016-01-20';
// The variants that walk over every operation; the first one makes the large RSA keys as well.
const WALKED = ['V3 over HTTP', 'V3 with SM3 over HTTP', 'V1 of the general client over HTTP', 'V1 over HTTPS'];

// Making a large RSA key takes a busy machine more than the three seconds that these SDKs wait of themselves.
const TIMEOUTS = { connectTimeout: 30000, readTimeout: 30000 };

const endpointOf = (ready, protocol, host) => {
  const endpoint = protocol === 'HTTPS' ? ready.https : ready.http;
  return host ? `${host}:${endpoint.split(':').pop()}` : endpoint;
};

const rootKey = (ready) => ({ accessKeyId: ready.accessKeyId, accessKeySecret: ready.accessKeySecret });

// Parameters that go as the JSON text of an object or a list.
const JSON_TEXTS = ['EncryptionContext', 'SourceEncryptionContext', 'DestinationEncryptionContext', 'SecretsList'];

function withJsonTexts(action, parameters) {
  const names = action === 'CreateSecret' ? [...JSON_TEXTS, 'ExtendedConfig'] : JSON_TEXTS;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      names.includes(name) && typeof value === 'object' ? OpenApiUtil.arrayToStringWithSpecifiedStyle(value, name, 'json') : value,
    ]),
  );
}

/** Adapter of the general client. Without a KMS class of its own, wire names go in and come out as they are. */
class GeneralClient {
  contextAsJson = true;
  secretDataInBody = true;
  succeeded = new Set();

  constructor(ready, { protocol = 'HTTP', algorithm, host, ca = ready.ca, credential = rootKey(ready) } = {}) {
    this.algorithm = algorithm;
    this.client = new OpenApi.default(
      new OpenApi.Config({
        ...credential,
        endpoint: endpointOf(ready, protocol, host),
        regionId: ready.region,
        protocol,
        signatureAlgorithm: algorithm,
        ...TIMEOUTS,
        ...(protocol === 'HTTPS' && { ca }),
      }),
    );
  }

  exposed(code) {
    return code;
  }

  has() {
    return true;
  }

  async call(action, parameters, { date, nonce, version = VERSION } = {}) {
    const { SecretData, Recipient, ...query } = parameters;
    const request = new OpenApi.OpenApiRequest({ query: OpenApiUtil.query(withJsonTexts(action, query)) });
    if (SecretData !== undefined) request.body = { SecretData };
    if (Recipient !== undefined) request.body = { Recipient };
    const params = new OpenApi.Params({
      action,
      version,
      protocol: 'HTTPS',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    });
    const names = this.algorithm === 'v2' ? ['Timestamp', 'SignatureNonce'] : ['x-acs-date', 'x-acs-signature-nonce'];
    const extra = { ...(date && { [names[0]]: date }), ...(nonce && { [names[1]]: nonce }) };
    const runtime = new TeaUtil.RuntimeOptions({
      extendsParameters: new TeaUtil.ExtendsParameters(this.algorithm === 'v2' ? { queries: extra } : { headers: extra }),
    });
    try {
      return (await this.client.callApi(params, request, runtime)).body;
    } catch (error) {
      if (!error.data?.statusCode) throw error;
      throw new KmsError(error.data.statusCode, error.code, error.message, error.data.RequestId);
    }
  }
}

/** Adapter of the KMS class, with its typed requests and answers. */
class KmsClient {
  contextAsJson = false; // it flattens the map to EncryptionContext.<name>
  secretDataInBody = false; // it puts every parameter into the URL
  succeeded = new Set();

  constructor(ready, { protocol = 'HTTP', host, credential = rootKey(ready) } = {}) {
    this.client = new Kms.default(
      new Rpc.Config({
        ...credential,
        endpoint: endpointOf(ready, protocol, host),
        regionId: ready.region,
        protocol,
        ...TIMEOUTS,
      }),
    );
  }

  exposed(code) {
    return `${code}Error`;
  }

  /** Whether this old version knows the parameter or field. */
  has(action, name) {
    const find = (type) =>
      type !== undefined &&
      Object.entries(type.names()).some(
        ([field, wire]) => wire === name || (typeof type.types()[field] === 'function' && find(type.types()[field])),
      );
    return find(Kms[`${action}Request`]) || find(Kms[`${action}Response`]);
  }

  async call(action, parameters, { date, nonce } = {}) {
    // This SDK has no setting for the two, so its own clock and its own source of nonces are replaced.
    const { getTimestamp } = RpcUtil;
    const { getNonce } = TeaUtil.default;
    if (date) RpcUtil.getTimestamp = () => date;
    if (nonce) TeaUtil.default.getNonce = () => nonce;
    try {
      const runtime = new TeaUtil.RuntimeOptions({});
      const type = Kms[`${action}Request`];
      const fields = type && Object.fromEntries(Object.entries(type.names()).map(([field, wire]) => [wire, field]));
      if (!type || Object.keys(parameters).some((wire) => !fields[wire])) {
        // An operation or a parameter that is newer than this SDK.
        const query = withJsonTexts(action, parameters);
        return await this.client.doRequest(action, 'HTTPS', 'POST', VERSION, 'AK', query, null, runtime);
      }
      const request = new type({});
      for (const [wire, value] of Object.entries(parameters)) request[fields[wire]] = value;
      const method = `${action[0].toLowerCase()}${action.slice(1)}Ex`;
      return (await this.client[method](request, runtime)).toMap();
    } catch (error) {
      if (!error.data?.Code) throw error;
      const status = Number(/: code: (\d+), /.exec(error.message)?.[1]);
      throw new KmsError(status, error.code, error.message, error.data.RequestId);
    } finally {
      RpcUtil.getTimestamp = getTimestamp;
      TeaUtil.default.getNonce = getNonce;
    }
  }
}

/** The context as JSON text, which this SDK sends unchanged. Its own map form is checked on its own. */
class KmsClientWithJsonContext extends KmsClient {
  call(action, parameters, overrides) {
    const { EncryptionContext, ...rest } = parameters;
    if (EncryptionContext === undefined) return super.call(action, rest, overrides);
    return super.call(action, { ...rest, EncryptionContext: JSON.stringify(EncryptionContext) }, overrides);
  }
}

async function credentials(harness, ready, tag, client) {
  const fault = (name, status, code, credential) =>
    harness.check(`${tag}: ${name} is refused`, () => {
      const kms = client({ credential: { ...rootKey(ready), ...credential } });
      return refused(status, kms.exposed(code), () => kms.call('DescribeRegions', {}));
    });
  const error = await fault('a wrong AccessKey secret', 400, 'SignatureDoesNotMatch', { accessKeySecret: 'wrong' });
  await harness.check(`${tag}: the refusal shows the server's string to sign`, () =>
    holds(error?.text.includes('server string to sign is:'), `the message is ${error?.text}`));
  await fault('an unknown AccessKey', 404, 'InvalidAccessKeyId.NotFound', { accessKeyId: 'LTAI5tUnknownUnknownUnkn' });
  await fault('an unknown security token', 400, 'InvalidSecurityToken.Malformed', { securityToken: 'not-a-token-of-this-server' });
}

async function flattenedContext(harness, ready) {
  await harness.check('V1: a flattened EncryptionContext is bound or refused, never ignored', async () => {
    const kms = new KmsClient(ready);
    const { KeyId } = (await kms.call('CreateKey', {})).KeyMetadata;
    let sealed;
    try {
      sealed = await kms.call('Encrypt', { KeyId, Plaintext: 'x', EncryptionContext: { a: 'b' } });
    } catch (error) {
      if (!(error instanceof KmsError) || error.status !== 400) throw error;
      return;
    }
    const { CiphertextBlob } = sealed;
    equal((await kms.call('Decrypt', { CiphertextBlob, EncryptionContext: { a: 'b' } })).Plaintext, 'x', 'Plaintext');
    await refused(400, 'InvalidParameterError', () => kms.call('Decrypt', { CiphertextBlob }));
    await refused(400, 'InvalidParameterError', () => kms.call('Decrypt', { CiphertextBlob, EncryptionContext: { a: 'c' } }));
  });
}

async function defaultChain(harness, ready) {
  for (const protocol of ['HTTP', 'HTTPS']) {
    for (const [name, Client] of [['V3', GeneralClient], ['V1', KmsClient]]) {
      await harness.check(`${name}: the default credential chain reads the AccessKey file, over ${protocol}`, async () => {
        const credential = new Credential();
        const { providerName } = await credential.getCredential();
        holds(providerName.includes('profile'), `the credentials came from ${providerName}`);
        answered(await new Client(ready, { protocol, credential: { credential } }).call('ListKeys', {}));
      });
    }
  }
}

async function certificate(harness, ready) {
  await harness.check("the certificate is refused without the server's authority", async () => {
    const kms = new GeneralClient(ready, { protocol: 'HTTPS', host: 'localhost', ca: tls.rootCertificates[0] });
    try {
      await kms.call('DescribeRegions', {});
    } catch (error) {
      holds(/certificate/i.test(`${error.code} ${error.message}`), `refused for another reason: ${error.message}`);
      return;
    }
    throw new Error('accepted a certificate of an unknown authority');
  });
  await harness.check('the certificate is valid for localhost', async () =>
    answered(await new GeneralClient(ready, { protocol: 'HTTPS', host: 'localhost' }).call('DescribeRegions', {})));
}

async function main() {
  const harness = new Harness();
  const ready = readReady(process.argv[2]);
  const modes = [
    ['V3 over HTTP', (options) => new GeneralClient(ready, options)],
    ['V3 over HTTPS', (options) => new GeneralClient(ready, { protocol: 'HTTPS', ...options })],
    ['V3 with SM3 over HTTP', (options) => new GeneralClient(ready, { algorithm: 'ACS3-HMAC-SM3', ...options })],
    ['V1 of the general client over HTTP', (options) => new GeneralClient(ready, { algorithm: 'v2', ...options })],
    ['V1 over HTTP', (options) => new KmsClientWithJsonContext(ready, options)],
    ['V1 over HTTPS', (options) => new KmsClientWithJsonContext(ready, { protocol: 'HTTPS', ...options })],
  ];
  const own = Kms.default.prototype;
  lacks('the V1 SDK', (name) => `${name[0].toLowerCase()}${name.slice(1)}Ex` in own);
  for (const [tag, client] of modes) {
    await credentials(harness, ready, tag, client);
    const kms = client({});
    await new Suite(harness, kms, ready, tag).run();
    if (WALKED.includes(tag)) await new Walk(harness, kms, ready, tag, tag === WALKED[0]).run(GROUPS);
  }
  await harness.check('V3: an unknown API version is refused', () => {
    const kms = new GeneralClient(ready);
    return refused(400, 'InvalidVersion', () => kms.call('DescribeRegions', {}, { version: '2017-01-20' }));
  });
  await flattenedContext(harness, ready);
  await defaultChain(harness, ready);
  await certificate(harness, ready);
  return harness.finish();
}

process.exit(await main());
