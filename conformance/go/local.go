package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"hash"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	k1 "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

// publicKey is a public key of the service in the hands of another library: Go's own for RSA and P-256, gmsm for SM2,
// secp256k1 for that curve.
type publicKey struct {
	rsa *rsa.PublicKey
	ec  *ecdsa.PublicKey
	sm2 *ecdsa.PublicKey
	k1  *secp256k1.PublicKey
}

func parsePublicKey(spec string, der []byte) publicKey {
	var key publicKey
	var parsed any
	var err error
	switch spec {
	case "EC_SM2":
		parsed, err = smx509.ParsePKIXPublicKey(der)
		key.sm2, _ = parsed.(*ecdsa.PublicKey)
		holds(err == nil && sm2.IsSM2PublicKey(parsed), "no SM2 key: %v", err)
	case "EC_P256K":
		var info struct {
			Algorithm pkix.AlgorithmIdentifier
			Point     asn1.BitString
		}
		rest, err := asn1.Unmarshal(der, &info)
		holds(err == nil && len(rest) == 0, "no SubjectPublicKeyInfo: %v", err)
		secp256k1OID, _ := asn1.Marshal(asn1.ObjectIdentifier{1, 3, 132, 0, 10})
		equal(info.Algorithm.Algorithm.String(), "1.2.840.10045.2.1", "algorithm of the key")
		equal(info.Algorithm.Parameters.FullBytes, secp256k1OID, "curve of the key")
		key.k1, err = secp256k1.ParsePubKey(info.Point.Bytes)
		holds(err == nil, "no secp256k1 key: %v", err)
	default:
		parsed, err = x509.ParsePKIXPublicKey(der)
		holds(err == nil, "no public key: %v", err)
		key.rsa, _ = parsed.(*rsa.PublicKey)
		key.ec, _ = parsed.(*ecdsa.PublicKey)
		holds(key.rsa != nil || key.ec != nil && key.ec.Curve.Params().Name == "P-256", "a key of another kind")
	}
	return key
}

// digest is what AsymmetricSign wants for a message: its SHA-256, or for SM2 its SM3 after Z of the default user.
func (k publicKey) digest(message []byte) []byte {
	if k.sm2 != nil {
		digest, err := sm2.CalculateSM2Hash(k.sm2, message, nil)
		holds(err == nil, "no SM2 digest: %v", err)
		return digest
	}
	digest := sha256.Sum256(message)
	return digest[:]
}

func (k publicKey) verifies(algorithm string, digest, signature []byte) bool {
	switch algorithm {
	case "RSA_PSS_SHA_256":
		options := rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
		return rsa.VerifyPSS(k.rsa, crypto.SHA256, digest, signature, &options) == nil
	case "RSA_PKCS1_SHA_256":
		return rsa.VerifyPKCS1v15(k.rsa, crypto.SHA256, digest, signature) == nil
	case "SM2DSA":
		return sm2.VerifyASN1(k.sm2, digest, signature)
	}
	if k.ec != nil {
		return ecdsa.VerifyASN1(k.ec, digest, signature)
	}
	parsed, err := k1.ParseDERSignature(signature)
	return err == nil && parsed.Verify(digest, k.k1)
}

// encrypt seals for the owner of the key, as AsymmetricDecrypt, ImportKeyMaterial and the like want it.
func (k publicKey) encrypt(algorithm string, plain []byte) []byte {
	var sealed []byte
	var err error
	switch algorithm {
	case "RSAES_PKCS1_V1_5":
		sealed, err = rsa.EncryptPKCS1v15(rand.Reader, k.rsa, plain)
	case "SM2PKE":
		sealed, err = sm2.EncryptASN1(rand.Reader, k.sm2, plain)
	default:
		sealed, err = rsa.EncryptOAEP(oaepHash(algorithm), rand.Reader, k.rsa, plain, nil)
	}
	holds(err == nil, "cannot be encrypted here: %v", err)
	return sealed
}

func oaepHash(algorithm string) hash.Hash {
	if algorithm == "RSAES_OAEP_SHA_1" {
		return sha1.New()
	}
	return sha256.New()
}

// wrapKey is a key pair of the caller, under which data keys are exported.
type wrapKey struct {
	spec string
	rsa  *rsa.PrivateKey
	sm2  *sm2.PrivateKey
}

func newWrapKey(spec string, bits int) *wrapKey {
	key := &wrapKey{spec: spec}
	var err error
	if spec == "EC_SM2" {
		key.sm2, err = sm2.GenerateKey(rand.Reader)
	} else {
		key.rsa, err = rsa.GenerateKey(rand.Reader, bits)
	}
	holds(err == nil, "no key pair: %v", err)
	return key
}

// blob is the public half as PublicKeyBlob wants it.
func (k *wrapKey) blob() string {
	var public any
	if k.sm2 != nil {
		public = &k.sm2.PublicKey
	} else {
		public = &k.rsa.PublicKey
	}
	der, err := smx509.MarshalPKIXPublicKey(public)
	holds(err == nil, "no SubjectPublicKeyInfo: %v", err)
	return base64.StdEncoding.EncodeToString(der)
}

func (k *wrapKey) open(algorithm string, sealed []byte) []byte {
	var plain []byte
	var err error
	if k.sm2 != nil {
		plain, err = sm2.Decrypt(k.sm2, sealed)
	} else {
		plain, err = rsa.DecryptOAEP(oaepHash(algorithm), rand.Reader, k.rsa, sealed, nil)
	}
	holds(err == nil, "cannot be decrypted here: %v", err)
	return plain
}

// parsePEM wants the PEM of a public key exactly as OpenSSL writes it.
func parsePEM(text any) []byte {
	block, rest := pem.Decode([]byte(text.(string)))
	holds(block != nil && block.Type == "PUBLIC KEY" && len(rest) == 0, "no PEM of one public key: %v", text)
	equal(text, string(pem.EncodeToMemory(block)), "PEM with lines of 64 characters and a newline at its end")
	return block.Bytes
}
