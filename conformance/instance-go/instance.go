package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"strings"

	kms "github.com/alibabacloud-go/kms-20160120/v3/client"
	"github.com/alibabacloud-go/tea/tea"
	config "github.com/aliyun/alibabacloud-dkms-gcs-go-sdk/openapi"
	options "github.com/aliyun/alibabacloud-dkms-gcs-go-sdk/openapi-util"
	gcs "github.com/aliyun/alibabacloud-dkms-gcs-go-sdk/sdk"
)

const (
	versionHeader = "x-kms-migrationkeyversionid"
	missing       = "MissingParameter|InvalidParameter"
	// wrongAuthority makes this program call once under another authority, in a process of its own: the SDK keeps one
	// connection pool, and so one trust, for an endpoint and process.
	wrongAuthority = "--wrong-authority"
)

var plaintext = []byte("hello instance gateway, grüße")

func newInstance(w *world, clientKey, secret, ca string) (*gcs.Client, error) {
	return gcs.NewClient(&config.Config{
		Endpoint: &w.host, Protocol: tea.String("https"), ClientKeyContent: &clientKey, Password: &secret, Ca: &ca,
	})
}

// named asks for the header with the key version, and for no repeats.
func named() *options.RuntimeOptions {
	return &options.RuntimeOptions{Headers: []*string{tea.String(versionHeader)}, Autoretry: tea.Bool(false)}
}

// try runs a call of the SDK; its error comes out as a refusal.
func try[Q, A any](call func(*Q, *options.RuntimeOptions) (*A, error), request *Q) (*A, error) {
	got, err := call(request, named())
	if err != nil {
		return nil, exposed(err)
	}
	return got, nil
}

func value(text *string) string { return tea.StringValue(text) }

func changed(bytes []byte) []byte {
	other := append([]byte{}, bytes...)
	other[len(other)-1] ^= 1
	return other
}

func instanceChecks(h *harness, w *world, readyFile string) {
	var c *gcs.Client
	if !h.check("instance: the client key opens", func() { c = done(newInstance(w, w.clientKey, password, w.ca)) }) {
		return
	}
	check := func(name string, fn func()) { h.check("instance: "+name, fn) }

	check("encrypt and decrypt", func() {
		sealed := done(try(c.EncryptWithOptions, &gcs.EncryptRequest{KeyId: &w.aes, Plaintext: plaintext, Aad: []byte("a")}))
		equal(value(sealed.KeyId), w.aes, "key")
		equal(len(sealed.Iv), 12, "length of the IV")
		good := gcs.DecryptRequest{KeyId: &w.aes, CiphertextBlob: sealed.CiphertextBlob, Iv: sealed.Iv, Aad: []byte("a")}
		opened := done(try(c.DecryptWithOptions, &good))
		equal(opened.Plaintext, plaintext, "plaintext")
		version := value(sealed.Headers[versionHeader])
		equal(len(version), 36, "length of the key version")
		for _, spoil := range []func(*gcs.DecryptRequest){
			func(r *gcs.DecryptRequest) { r.CiphertextBlob = changed(sealed.CiphertextBlob) },
			func(r *gcs.DecryptRequest) { r.Aad = []byte("b") },
			func(r *gcs.DecryptRequest) { r.Aad = nil },
			func(r *gcs.DecryptRequest) { r.Iv = changed(sealed.Iv) },
			func(r *gcs.DecryptRequest) { r.KeyId = &w.hidden },
		} {
			bad := good
			spoil(&bad)
			refused[*gcs.DecryptResponse](400, "InvalidParameter")(try(c.DecryptWithOptions, &bad))
		}
		good.KeyId, good.Headers = nil, map[string]*string{versionHeader: &version}
		equal(done(try(c.DecryptWithOptions, &good)).Plaintext, plaintext, "plaintext by the version alone")
	})
	check("advance encrypt and decrypt", func() {
		sealed := done(try(c.AdvanceEncryptWithOptions, &gcs.AdvanceEncryptRequest{
			KeyId: tea.String("alias/instance-checks"), Plaintext: plaintext, Aad: []byte("a"),
		}))
		equal(sealed.CiphertextBlob[:3], []byte("$\x00\x02"), "head")
		equal(string(sealed.CiphertextBlob[3:39]), value(sealed.KeyVersionId), "version in the blob")
		opened := done(try(c.AdvanceDecryptWithOptions, &gcs.AdvanceDecryptRequest{
			CiphertextBlob: sealed.CiphertextBlob, Aad: []byte("a"),
		}))
		equal(opened.Plaintext, plaintext, "plaintext")
		equal(value(opened.KeyId), w.aes, "key of the alias")
		for _, bad := range []*gcs.AdvanceDecryptRequest{
			{CiphertextBlob: changed(sealed.CiphertextBlob), Aad: []byte("a")},
			{CiphertextBlob: sealed.CiphertextBlob, Aad: []byte("b")},
		} {
			refused[*gcs.AdvanceDecryptResponse](400, "InvalidParameter")(try(c.AdvanceDecryptWithOptions, bad))
		}
	})
	check("versions after a rotation", func() {
		key := w.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
		advance := &gcs.AdvanceEncryptRequest{KeyId: &key, Plaintext: plaintext}
		before := done(try(c.AdvanceEncryptWithOptions, advance))
		done(w.shared.CreateKeyVersion(&kms.CreateKeyVersionRequest{KeyId: &key}))
		after := done(try(c.AdvanceEncryptWithOptions, advance))
		plain := done(try(c.EncryptWithOptions, &gcs.EncryptRequest{KeyId: &key, Plaintext: plaintext}))
		holds(value(before.KeyVersionId) != value(after.KeyVersionId), "the primary version is the initial one")
		equal(value(plain.Headers[versionHeader]), value(before.KeyVersionId), "version of the plain form")
		opened := done(try(c.AdvanceDecryptWithOptions, &gcs.AdvanceDecryptRequest{
			CiphertextBlob: plain.CiphertextBlob, KeyId: &key, Iv: plain.Iv, Algorithm: plain.Algorithm,
		}))
		equal(opened.Plaintext, plaintext, "plaintext")
	})
	check("data keys", func() {
		made := done(try(c.GenerateDataKeyWithOptions, &gcs.GenerateDataKeyRequest{KeyId: &w.aes, NumberOfBytes: tea.Int32(48)}))
		opened := done(try(c.DecryptWithOptions, &gcs.DecryptRequest{KeyId: &w.aes, CiphertextBlob: made.CiphertextBlob, Iv: made.Iv}))
		equal(opened.Plaintext, made.Plaintext, "data key")
		equal(len(made.Plaintext), 48, "length")
		advance := done(try(c.AdvanceGenerateDataKeyWithOptions, &gcs.AdvanceGenerateDataKeyRequest{KeyId: &w.aes, NumberOfBytes: tea.Int32(32)}))
		again := done(try(c.AdvanceDecryptWithOptions, &gcs.AdvanceDecryptRequest{CiphertextBlob: advance.CiphertextBlob}))
		equal(again.Plaintext, advance.Plaintext, "data key of the advance form")
		refused[*gcs.GenerateDataKeyResponse](400, "InvalidParameter")(
			try(c.GenerateDataKeyWithOptions, &gcs.GenerateDataKeyRequest{KeyId: &w.aes, NumberOfBytes: tea.Int32(1025)}))
	})
	check("data key pairs", func() { dataKeyPairs(c, w) })
	check("signatures", func() { signatures(c, w) })
	check("ciphertexts of RSA", func() {
		algorithm := tea.String("RSAES_OAEP_SHA_256")
		sealed := done(try(c.EncryptWithOptions, &gcs.EncryptRequest{KeyId: &w.rsaCipher, Plaintext: plaintext, Algorithm: algorithm}))
		public := publicKey(c, w.rsaCipher).(*rsa.PublicKey)
		local := done(rsa.EncryptOAEP(sha256.New(), rand.Reader, public, plaintext, nil))
		for _, blob := range [][]byte{sealed.CiphertextBlob, local} {
			opened := done(try(c.DecryptWithOptions, &gcs.DecryptRequest{KeyId: &w.rsaCipher, CiphertextBlob: blob, Algorithm: algorithm}))
			equal(opened.Plaintext, plaintext, "plaintext")
		}
		refused[*gcs.AdvanceEncryptResponse](404, "Forbidden.OnlySymmetricKeySupported")(
			try(c.AdvanceEncryptWithOptions, &gcs.AdvanceEncryptRequest{KeyId: &w.rsaCipher, Plaintext: plaintext}))
	})
	check("random bytes", func() {
		equal(len(done(try(c.GenerateRandomWithOptions, &gcs.GenerateRandomRequest{Length: tea.Int32(1024)})).Random), 1024, "length")
		bad := refused[*gcs.GenerateRandomResponse]
		bad(400, "InvalidParameter")(try(c.GenerateRandomWithOptions, &gcs.GenerateRandomRequest{Length: tea.Int32(1025)}))
		bad(400, missing)(try(c.GenerateRandomWithOptions, &gcs.GenerateRandomRequest{}))
	})
	check("secrets", func() {
		get := func(r gcs.GetSecretValueRequest) (*gcs.GetSecretValueResponse, error) {
			return try(c.GetSecretValueWithOptions, &r)
		}
		answer := done(get(gcs.GetSecretValueRequest{SecretName: tea.String(secretName), VersionId: tea.String("v1")}))
		equal(value(answer.SecretData), "value one é", "value")
		equal(value(answer.SecretDataType), "text", "type")
		refused[*gcs.GetSecretValueResponse](404, "Forbidden.ResourceNotFound")(get(gcs.GetSecretValueRequest{SecretName: tea.String("none")}))
	})
	refusals(check, c, w)
	check("a wrong authority", func() {
		output, err := exec.Command(os.Args[0], readyFile, wrongAuthority).CombinedOutput()
		holds(err != nil && strings.Contains(string(output), "x509: certificate signed by unknown authority"), "%v: %s", err, output)
	})
}

func callUnderWrongAuthority(w *world) {
	pemKey := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(done(rsa.GenerateKey(rand.Reader, 2048)))})
	c := done(gcs.NewClient(&config.Config{
		Endpoint: &w.host, Protocol: tea.String("https"), AccessKeyId: tea.String("KAAP.none"), PrivateKey: tea.String(string(pemKey)), Ca: &w.sharedCA,
	}))
	_, err := try(c.GenerateRandomWithOptions, &gcs.GenerateRandomRequest{Length: tea.Int32(8)})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func refusals(check func(string, func()), c *gcs.Client, w *world) {
	encrypt := func(c *gcs.Client, key string) (*gcs.EncryptResponse, error) {
		return try(c.EncryptWithOptions, &gcs.EncryptRequest{KeyId: &key, Plaintext: plaintext})
	}
	bad := refused[*gcs.EncryptResponse]
	check("unknown keys", func() {
		bad(404, "Forbidden.KeyNotFound")(encrypt(c, "key-hzz00000000aaaaaaaaaa"))
		bad(404, "Forbidden.KeyNotFound")(encrypt(c, "alias/none"))
		bad(400, missing)(encrypt(c, ""))
	})
	check("resources of the policy", func() {
		narrow := done(newInstance(w, w.narrow, password, w.ca))
		done(encrypt(narrow, w.aes))
		bad(403, "Forbidden.NoPermission")(encrypt(narrow, w.hidden))
		refused[*gcs.GetSecretValueResponse](403, "Forbidden.NoPermission")(
			try(narrow.GetSecretValueWithOptions, &gcs.GetSecretValueRequest{SecretName: tea.String(secretName)}))
	})
	check("network rules", func() { outside(c, done(newInstance(w, w.elsewhere, password, w.ca)), w) })
	check("a deleted client key", func() {
		id, file := w.newClientKey("narrow")
		client := done(newInstance(w, file, password, w.ca))
		done(encrypt(client, w.aes))
		w.deleteClientKey(id)
		bad(404, "Unauthorized")(encrypt(client, w.aes))
	})
	check("a wrong password", func() {
		_, err := newInstance(w, w.clientKey, "Wrong-Pass_1234", w.ca)
		holds(err != nil, "the client key opens with a wrong password")
	})
}

// publicKey asks for a key's public half; the answer has to name the key version too.
func publicKey(c *gcs.Client, key string) any {
	answer := done(try(c.GetPublicKeyWithOptions, &gcs.GetPublicKeyRequest{KeyId: &key}))
	holds(value(answer.Headers[versionHeader]) != "", "no key version in the header")
	block, _ := pem.Decode([]byte(value(answer.PublicKey)))
	holds(block != nil, "the public key is no PEM")
	return done(x509.ParsePKIXPublicKey(block.Bytes))
}

func signatures(c *gcs.Client, w *world) {
	digest := sha256.Sum256(plaintext)
	for _, form := range []struct {
		key, algorithm, kind string
		message              []byte
	}{
		{w.rsaSigner, "RSA_PKCS1_SHA_256", "RAW", plaintext},
		{w.rsaSigner, "RSA_PSS_SHA_256", "DIGEST", digest[:]},
		{w.ecSigner, "ECDSA_SHA_256", "RAW", plaintext},
		{w.ecSigner, "ECDSA_SHA_256", "DIGEST", digest[:]},
	} {
		made := done(try(c.SignWithOptions, &gcs.SignRequest{KeyId: &form.key, Algorithm: &form.algorithm, MessageType: &form.kind, Message: form.message}))
		switch public := publicKey(c, form.key).(type) {
		case *ecdsa.PublicKey:
			holds(ecdsa.VerifyASN1(public, digest[:], made.Signature), "the signature is wrong")
		case *rsa.PublicKey:
			if strings.Contains(form.algorithm, "PSS") {
				holds(rsa.VerifyPSS(public, crypto.SHA256, digest[:], made.Signature, nil) == nil, "the signature is wrong")
			} else {
				holds(rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], made.Signature) == nil, "the signature is wrong")
			}
		}
		verify := func(message []byte) bool {
			answer := done(try(c.VerifyWithOptions, &gcs.VerifyRequest{
				KeyId: &form.key, Algorithm: &form.algorithm, MessageType: &form.kind, Message: message, Signature: made.Signature,
			}))
			return tea.BoolValue(answer.Value)
		}
		holds(verify(form.message), "%s: a right signature is refused", form.algorithm)
		holds(!verify(changed(form.message)), "%s: a wrong signature is accepted", form.algorithm)
	}
}

func dataKeyPairs(c *gcs.Client, w *world) {
	spec, der := tea.String("EC_P256"), tea.String("DER")
	same := func(private, public []byte) {
		key := done(x509.ParsePKCS8PrivateKey(private)).(*ecdsa.PrivateKey)
		holds(key.PublicKey.Equal(done(x509.ParsePKIXPublicKey(public))), "the two halves do not belong together")
	}
	plain := done(try(c.GenerateDataKeyPairWithOptions, &gcs.GenerateDataKeyPairRequest{KeyId: &w.aes, KeyPairSpec: spec, KeyFormat: der}))
	same(plain.PrivateKeyPlaintext, plain.PublicKey)
	sealed := done(try(c.GenerateDataKeyPairWithoutPlaintextWithOptions, &gcs.GenerateDataKeyPairWithoutPlaintextRequest{KeyId: &w.aes, KeyPairSpec: spec, KeyFormat: der}))
	opened := done(try(c.DecryptWithOptions, &gcs.DecryptRequest{KeyId: &w.aes, CiphertextBlob: sealed.PrivateKeyCiphertextBlob, Iv: sealed.Iv}))
	same(opened.Plaintext, sealed.PublicKey)
	advance := done(try(c.AdvanceGenerateDataKeyPairWithOptions, &gcs.AdvanceGenerateDataKeyPairRequest{KeyId: &w.aes, KeyPairSpec: spec, KeyFormat: der}))
	same(advance.PrivateKeyPlaintext, advance.PublicKey)
	last := done(try(c.AdvanceGenerateDataKeyPairWithoutPlaintextWithOptions, &gcs.AdvanceGenerateDataKeyPairWithoutPlaintextRequest{KeyId: &w.aes, KeyPairSpec: spec, KeyFormat: der}))
	unsealed := done(try(c.AdvanceDecryptWithOptions, &gcs.AdvanceDecryptRequest{CiphertextBlob: last.PrivateKeyCiphertextBlob}))
	same(unsealed.Plaintext, last.PublicKey)
}

// outside makes each call with what would be good from another address.
func outside(c, elsewhere *gcs.Client, w *world) {
	sealed := done(try(c.EncryptWithOptions, &gcs.EncryptRequest{KeyId: &w.aes, Plaintext: plaintext}))
	advance := done(try(c.AdvanceEncryptWithOptions, &gcs.AdvanceEncryptRequest{KeyId: &w.aes, Plaintext: plaintext}))
	spec, algorithm, length := tea.String("EC_P256"), tea.String("ECDSA_SHA_256"), tea.Int32(32)
	denied(elsewhere.EncryptWithOptions, &gcs.EncryptRequest{KeyId: &w.aes, Plaintext: plaintext})
	denied(elsewhere.DecryptWithOptions, &gcs.DecryptRequest{KeyId: &w.aes, CiphertextBlob: sealed.CiphertextBlob, Iv: sealed.Iv})
	denied(elsewhere.AdvanceEncryptWithOptions, &gcs.AdvanceEncryptRequest{KeyId: &w.aes, Plaintext: plaintext})
	denied(elsewhere.AdvanceDecryptWithOptions, &gcs.AdvanceDecryptRequest{CiphertextBlob: advance.CiphertextBlob})
	denied(elsewhere.GenerateDataKeyWithOptions, &gcs.GenerateDataKeyRequest{KeyId: &w.aes, NumberOfBytes: length})
	denied(elsewhere.AdvanceGenerateDataKeyWithOptions, &gcs.AdvanceGenerateDataKeyRequest{KeyId: &w.aes, NumberOfBytes: length})
	denied(elsewhere.GenerateDataKeyPairWithOptions, &gcs.GenerateDataKeyPairRequest{KeyId: &w.aes, KeyPairSpec: spec})
	denied(elsewhere.GenerateDataKeyPairWithoutPlaintextWithOptions, &gcs.GenerateDataKeyPairWithoutPlaintextRequest{KeyId: &w.aes, KeyPairSpec: spec})
	denied(elsewhere.AdvanceGenerateDataKeyPairWithOptions, &gcs.AdvanceGenerateDataKeyPairRequest{KeyId: &w.aes, KeyPairSpec: spec})
	denied(elsewhere.AdvanceGenerateDataKeyPairWithoutPlaintextWithOptions, &gcs.AdvanceGenerateDataKeyPairWithoutPlaintextRequest{KeyId: &w.aes, KeyPairSpec: spec})
	denied(elsewhere.SignWithOptions, &gcs.SignRequest{KeyId: &w.ecSigner, Algorithm: algorithm, Message: plaintext})
	denied(elsewhere.VerifyWithOptions, &gcs.VerifyRequest{KeyId: &w.ecSigner, Algorithm: algorithm, Message: plaintext, Signature: plaintext})
	denied(elsewhere.GetPublicKeyWithOptions, &gcs.GetPublicKeyRequest{KeyId: &w.ecSigner})
	denied(elsewhere.GetSecretValueWithOptions, &gcs.GetSecretValueRequest{SecretName: tea.String(secretName)})
	denied(elsewhere.GenerateRandomWithOptions, &gcs.GenerateRandomRequest{Length: length})
}

func denied[Q, A any](call func(*Q, *options.RuntimeOptions) (*A, error), request *Q) {
	refused[*A](403, "Forbidden.NoPermission")(try(call, request))
}
