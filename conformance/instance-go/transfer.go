package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"

	kms "github.com/alibabacloud-go/kms-20160120/v3/client"
	"github.com/alibabacloud-go/tea/tea"
	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	legacy "github.com/aliyun/alibaba-cloud-sdk-go/services/kms"
	config "github.com/aliyun/alibabacloud-dkms-gcs-go-sdk/openapi"
	"github.com/aliyun/alibabacloud-dkms-transfer-go-sdk/sdk"
)

const context = `{"b":"2","a":"1"}`

func newTransfer(w *world, clientKey string) *sdk.KmsTransferClient {
	client := done(sdk.NewClientWithAccessKey(w.region, "unused", "unused", &config.Config{
		Endpoint: &w.host, Protocol: tea.String("https"), ClientKeyContent: &clientKey,
		Password: tea.String(password), CaFilePath: &w.caFile,
	}))
	client.SetVerify(w.ca)
	return client
}

// told turns an error of the legacy runtime into a refusal.
func told[T any](got T, err error) (T, error) {
	var server *sdkerrors.ServerError
	if errors.As(err, &server) {
		return got, &refusal{server.HttpStatus(), server.ErrorCode(), server.Message()}
	}
	return got, err
}

func transferChecks(h *harness, w *world) {
	var c *sdk.KmsTransferClient
	if !h.check("transfer: the client key opens", func() { c = newTransfer(w, w.clientKey) }) {
		return
	}
	check := func(name string, fn func()) { h.check("transfer: "+name, fn) }
	encrypt := func(c *sdk.KmsTransferClient, key string) (*legacy.EncryptResponse, error) {
		request := legacy.CreateEncryptRequest()
		request.KeyId, request.Plaintext, request.EncryptionContext = key, "aGVsbG8=", context
		return told(c.Encrypt(request))
	}
	decrypt := func(blob, context string) (*legacy.DecryptResponse, error) {
		request := legacy.CreateDecryptRequest()
		request.CiphertextBlob, request.EncryptionContext = blob, context
		return told(c.Decrypt(request))
	}
	pairs := map[string]any{"a": "1", "b": "2"}
	openapi := func(blob string) string {
		answer := done(w.dedicated.Decrypt(&kms.DecryptRequest{CiphertextBlob: &blob, EncryptionContext: pairs}))
		return value(answer.Body.Plaintext)
	}

	check("ciphertexts go both ways", func() {
		here := done(encrypt(c, w.aes))
		there := done(w.dedicated.Encrypt(&kms.EncryptRequest{KeyId: &w.aes, Plaintext: tea.String("aGVsbG8="), EncryptionContext: pairs}))
		for _, blob := range []string{here.CiphertextBlob, value(there.Body.CiphertextBlob)} {
			equal(done(decrypt(blob, context)).Plaintext, "aGVsbG8=", "plaintext")
			equal(openapi(blob), "aGVsbG8=", "plaintext of the OpenAPI")
		}
		bad := refused[*legacy.DecryptResponse]
		bad(400, "InvalidParameter")(decrypt(here.CiphertextBlob, ""))
		bytes := done(base64.StdEncoding.DecodeString(here.CiphertextBlob))
		bad(400, "InvalidParameter")(decrypt(base64.StdEncoding.EncodeToString(changed(bytes)), context))
	})
	check("data keys", func() {
		request := legacy.CreateGenerateDataKeyRequest()
		request.KeyId, request.EncryptionContext, request.NumberOfBytes = w.aes, context, requests.NewInteger(64)
		made := done(told(c.GenerateDataKey(request)))
		equal(openapi(made.CiphertextBlob), made.Plaintext, "data key")
		sealed := legacy.CreateGenerateDataKeyWithoutPlaintextRequest()
		sealed.KeyId, sealed.EncryptionContext, sealed.KeySpec = w.aes, context, "AES_128"
		key := openapi(done(told(c.GenerateDataKeyWithoutPlaintext(sealed))).CiphertextBlob)
		equal(len(done(base64.StdEncoding.DecodeString(key))), 16, "length")
	})
	check("signatures", func() {
		versions := done(w.shared.ListKeyVersions(&kms.ListKeyVersionsRequest{KeyId: &w.rsaSigner}))
		version := value(versions.Body.KeyVersions.KeyVersion[0].KeyVersionId)
		digest := sha256.Sum256(plaintext)
		text := base64.StdEncoding.EncodeToString(digest[:])
		sign := legacy.CreateAsymmetricSignRequest()
		sign.KeyId, sign.KeyVersionId, sign.Algorithm, sign.Digest = w.rsaSigner, version, "RSA_PKCS1_SHA_256", text
		made := done(told(c.AsymmetricSign(sign)))
		equal(made.KeyVersionId, version, "key version")
		verify := legacy.CreateAsymmetricVerifyRequest()
		verify.KeyId, verify.KeyVersionId, verify.Algorithm, verify.Digest = w.rsaSigner, version, sign.Algorithm, text
		verify.Value = made.Value
		holds(done(told(c.AsymmetricVerify(verify))).Value, "a right signature is refused")
		verify.Value = base64.StdEncoding.EncodeToString(changed(done(base64.StdEncoding.DecodeString(made.Value))))
		holds(!done(told(c.AsymmetricVerify(verify))).Value, "a wrong signature is accepted")
		public := legacy.CreateGetPublicKeyRequest()
		public.KeyId, public.KeyVersionId = w.rsaSigner, version
		equal(done(told(c.GetPublicKey(public))).KeyVersionId, version, "key version of the public key")
	})
	check("ciphertexts of key pairs", func() {
		versions := done(w.shared.ListKeyVersions(&kms.ListKeyVersionsRequest{KeyId: &w.rsaCipher}))
		version := value(versions.Body.KeyVersions.KeyVersion[0].KeyVersionId)
		seal := legacy.CreateAsymmetricEncryptRequest()
		seal.KeyId, seal.KeyVersionId, seal.Algorithm, seal.Plaintext = w.rsaCipher, version, "RSAES_OAEP_SHA_256", "aGVsbG8="
		made := done(told(c.AsymmetricEncrypt(seal)))
		open := legacy.CreateAsymmetricDecryptRequest()
		open.KeyId, open.KeyVersionId, open.Algorithm, open.CiphertextBlob = w.rsaCipher, version, seal.Algorithm, made.CiphertextBlob
		equal(done(told(c.AsymmetricDecrypt(open))).Plaintext, "aGVsbG8=", "plaintext")
	})
	check("secrets", func() {
		request := legacy.CreateGetSecretValueRequest()
		request.SecretName = secretName
		equal(done(told(c.GetSecretValue(request))).SecretData, "value one é", "value")
	})
	check("codes of the OpenAPI", func() {
		bad := refused[*legacy.EncryptResponse]
		bad(404, "Forbidden.KeyNotFound")(encrypt(c, "alias/none"))
		id, file := w.newClientKey("narrow")
		narrow := newTransfer(w, file)
		bad(403, "Forbidden.NoPermission")(encrypt(narrow, w.hidden))
		w.deleteClientKey(id)
		bad(404, "InvalidAccessKeyId.NotFound")(encrypt(narrow, w.aes))
	})
}
