// Cryptography of this side, from Node itself, which has nothing to do with the service.

import crypto from 'node:crypto';

const { RSA_PKCS1_PADDING, RSA_PKCS1_OAEP_PADDING, RSA_PKCS1_PSS_PADDING } = crypto.constants;

// SubjectPublicKeyInfo of an SM2 key up to its point: id-ecPublicKey with the curve 1.2.156.10197.1.301.
const SM2_HEAD = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d03420004', 'hex');
// a, b, xG and yG of the curve (GB/T 32918.5), as they enter the digest of a message.
const SM2_CURVE = Buffer.from(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc' +
    '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
    'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
  'hex',
);
const RSA = {
  RSAES_OAEP_SHA_256: { padding: RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
  RSAES_OAEP_SHA_1: { padding: RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
  RSAES_PKCS1_V1_5: { padding: RSA_PKCS1_PADDING },
};
export const WRAPPINGS = Object.keys(RSA);

export const encode = (bytes) => Buffer.from(bytes).toString('base64');

export const random = (size) => crypto.randomBytes(size);

/** The bytes with one bit changed. */
export function flipped(bytes, position = bytes.length - 1) {
  const changed = Buffer.from(bytes);
  changed[position] ^= 1;
  return changed;
}

export const publicKey = (pem) => crypto.createPublicKey(pem);

const hash = (name, ...parts) => {
  const state = crypto.createHash(name);
  for (const part of parts) state.update(part);
  return state.digest();
};

/** The digest that the service signs. For SM2 it covers the public key as well; the user id is empty, as Node has it. */
export function digestOf(algorithm, key, message) {
  if (algorithm !== 'SM2DSA') return hash('sha256', message);
  const point = key.export({ type: 'spki', format: 'der' }).subarray(SM2_HEAD.length);
  return hash('sm3', hash('sm3', Buffer.alloc(2), SM2_CURVE, point), message);
}

/** Whether the signature is right. */
export function verifies(algorithm, key, message, signature) {
  if (algorithm === 'SM2DSA') return crypto.verify('sm3', message, key, signature);
  const scheme = {
    ECDSA_SHA_256: {},
    RSA_PKCS1_SHA_256: { padding: RSA_PKCS1_PADDING },
    RSA_PSS_SHA_256: { padding: RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  };
  return crypto.verify('sha256', message, { key, ...scheme[algorithm] }, signature);
}

/** Encrypted with an RSA key; Node cannot encrypt with SM2. */
export const encrypted = (algorithm, key, data) => crypto.publicEncrypt({ key, ...RSA[algorithm] }, data);

export const importKey = (text) =>
  crypto.createPublicKey({ key: Buffer.from(text, 'base64'), type: 'spki', format: 'der' });

/** An RSA key pair of this side, for what the service wraps. */
export class RsaPair {
  constructor() {
    const { publicKey: open, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.privateKey = privateKey;
    this.spki = encode(open.export({ type: 'spki', format: 'der' }));
    this.pem = privateKey.export({ type: 'pkcs1', format: 'pem' });
    const { n, e } = open.export({ format: 'jwk' });
    const field = (bytes) => Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
    const number = (text) => field(Buffer.concat([Buffer.alloc(text === n ? 1 : 0), Buffer.from(text, 'base64url')]));
    this.openSsh = `ssh-rsa ${encode(Buffer.concat([field(Buffer.from('ssh-rsa')), number(e), number(n)]))}`;
  }

  unwrap(algorithm, text) {
    return crypto.privateDecrypt({ key: this.privateKey, ...RSA[algorithm] }, Buffer.from(text, 'base64'));
  }
}

export const SM2_POINT =
  '09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
  'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13';

/** The public key of the example in GB/T 32918.5. */
export const sm2Spki = encode(Buffer.concat([SM2_HEAD, Buffer.from(SM2_POINT, 'hex')]));
