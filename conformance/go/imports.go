package main

import (
	"encoding/base64"
	"fmt"
	"time"
)

// imported is what GetParametersForImport gave for a key, and how to wrap material with it.
type imported struct {
	id, algorithm, token string
	public               publicKey
}

func (s *suite) importParameters(id, spec, algorithm string) imported {
	got := s.call("GetParametersForImport", params{"KeyId": id, "WrappingKeySpec": spec, "WrappingAlgorithm": algorithm})
	equal(got["KeyId"], id, "KeyId")
	expires, err := time.Parse(time.RFC3339, got["TokenExpireTime"].(string))
	holds(err == nil, "TokenExpireTime is %v", got["TokenExpireTime"])
	matches(timeForm, got["TokenExpireTime"], "TokenExpireTime")
	left := time.Until(expires)
	holds(left > 23*time.Hour+58*time.Minute && left < 24*time.Hour+time.Minute, "the token lives for %v", left)
	decode(got["ImportToken"])
	return imported{id, algorithm, got["ImportToken"].(string), parsePublicKey(spec, decode(got["PublicKey"]))}
}

func (i imported) params(material []byte, expire int64) params {
	return params{
		"KeyId": i.id, "ImportToken": i.token, "KeyMaterialExpireUnix": expire,
		"EncryptedKeyMaterial": encode(i.public.encrypt(i.algorithm, material)),
	}
}

func (s *suite) imports() {
	material := random(32)
	var id string
	var way imported
	var blob params
	if !s.check("CreateKey with origin EXTERNAL waits for its material", func() {
		made := s.newKey(params{"Origin": "EXTERNAL"})
		fieldsAre(made, params{"KeyState": "PendingImport", "Origin": "EXTERNAL", "KeySpec": "Aliyun_AES_256"})
		id = made["KeyId"].(string)
		s.refused(409, "Rejected.PendingImport", "Encrypt", params{"KeyId": id, "Plaintext": "x"})
	}) {
		return
	}
	if !s.check("ImportKeyMaterial enables the key", func() {
		way = s.importParameters(id, "RSA_2048", "RSAES_OAEP_SHA_256")
		s.call("ImportKeyMaterial", way.params(material, 0))
		metadata := s.metadata(id)
		equal(metadata["KeyState"], "Enabled", "KeyState")
		empty(metadata, "MaterialExpireTime")
		blob = params{"CiphertextBlob": s.call("Encrypt", params{"KeyId": id, "Plaintext": "kept"})["CiphertextBlob"]}
		equal(s.call("Decrypt", blob)["Plaintext"], "kept", "Plaintext")
	}) {
		return
	}
	s.check("the same material can be imported again, to change when it expires", func() {
		expire := time.Now().Add(time.Hour)
		s.call("ImportKeyMaterial", way.params(material, expire.Unix()))
		metadata := s.metadata(id)
		equal(metadata["MaterialExpireTime"], expire.UTC().Format("2006-01-02T15:04:05Z"), "MaterialExpireTime")
		equal(s.call("Decrypt", blob)["Plaintext"], "kept", "Plaintext")
		s.call("ImportKeyMaterial", way.params(material, 0))
		empty(s.metadata(id), "MaterialExpireTime")
	})
	s.check("DeleteKeyMaterial takes it away, and the same material brings it back", func() {
		s.call("DeleteKeyMaterial", params{"KeyId": id})
		equal(s.metadata(id)["KeyState"], "PendingImport", "KeyState")
		s.refused(409, "Rejected.PendingImport", "Decrypt", blob)
		again := s.importParameters(id, "RSA_2048", "RSAES_PKCS1_V1_5")
		s.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", again.params(random(32), 0))
		s.call("ImportKeyMaterial", again.params(material, 0))
		equal(s.call("Decrypt", blob)["Plaintext"], "kept", "Plaintext")
	})
	s.check("a key takes no other material", func() {
		way := s.importParameters(id, "RSA_2048", "RSAES_OAEP_SHA_1")
		s.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", way.params(random(32), 0))
		s.call("ImportKeyMaterial", way.params(material, 0))
	})
	s.check("two keys with equal material do not read each other's ciphertexts", func() {
		other := s.newKeyID(params{"Origin": "EXTERNAL"})
		s.call("ImportKeyMaterial", s.importParameters(other, "RSA_2048", "RSAES_OAEP_SHA_256").params(material, 0))
		foreign := decode(s.call("Encrypt", params{"KeyId": other, "Plaintext": "other"})["CiphertextBlob"])
		copy(foreign, decode(blob["CiphertextBlob"])[:36])
		s.refused(400, "InvalidParameter", "Decrypt", params{"CiphertextBlob": encode(foreign)})
	})
	s.check("an SM4 key takes 16 bytes, wrapped under SM2", func() {
		key := s.newKeyID(params{"Origin": "EXTERNAL", "KeySpec": "Aliyun_SM4", "ProtectionLevel": "HSM"})
		way := s.importParameters(key, "EC_SM2", "SM2PKE")
		s.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", way.params(random(32), 0))
		s.call("ImportKeyMaterial", way.params(random(16), 0))
		sealed := s.call("Encrypt", params{"KeyId": key, "Plaintext": "by SM4"})["CiphertextBlob"]
		equal(s.call("Decrypt", params{"CiphertextBlob": sealed})["Plaintext"], "by SM4", "Plaintext")
	})
	s.wrongImports(id, material)
}

func (s *suite) wrongImports(bound string, material []byte) {
	s.check("material that is not what was asked for is refused", func() {
		way := s.importParameters(s.newKeyID(params{"Origin": "EXTERNAL"}), "RSA_2048", "RSAES_OAEP_SHA_256")
		foreign := s.importParameters(way.id, "RSA_2048", "RSAES_OAEP_SHA_256")
		good := way.params(material, 0)
		for _, sealed := range [][]byte{
			way.public.encrypt("RSAES_OAEP_SHA_256", random(16)), way.public.encrypt("RSAES_OAEP_SHA_1", material),
			foreign.public.encrypt("RSAES_OAEP_SHA_256", material), random(256),
		} {
			s.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", with(good, params{"EncryptedKeyMaterial": encode(sealed)}))
		}
		equal(s.metadata(way.id)["KeyState"], "PendingImport", "KeyState")
		s.call("ImportKeyMaterial", good)
	})
	s.check("five failures use up an import token", func() {
		way := s.importParameters(s.newKeyID(params{"Origin": "EXTERNAL"}), "RSA_2048", "RSAES_PKCS1_V1_5")
		for range 5 {
			s.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", with(way.params(material, 0), params{"EncryptedKeyMaterial": encode(random(256))}))
		}
		s.refused(400, "InvalidImportToken", "ImportKeyMaterial", way.params(material, 0))
		s.call("ImportKeyMaterial", s.importParameters(way.id, "RSA_2048", "RSAES_PKCS1_V1_5").params(material, 0))
	})
	s.check("import tokens that do not fit are refused", func() {
		way := s.importParameters(bound, "RSA_2048", "RSAES_OAEP_SHA_256")
		other := s.importParameters(s.newKeyID(params{"Origin": "EXTERNAL"}), "RSA_2048", "RSAES_OAEP_SHA_256")
		good := way.params(material, 0)
		token, err := base64.StdEncoding.DecodeString(way.token)
		holds(err == nil, "the token is no base64")
		for _, text := range []string{other.token, encode(broken(token)), encode(random(len(token)))} {
			s.refused(400, "InvalidImportToken", "ImportKeyMaterial", with(good, params{"ImportToken": text}))
		}
		past := time.Now().Add(-time.Minute).Unix()
		s.refused(400, "InvalidParameter", "ImportKeyMaterial", with(good, params{"KeyMaterialExpireUnix": past}))
		s.refused(400, "InvalidParameter", "ImportKeyMaterial", with(good, params{"KeyMaterialExpireUnix": -1}))
		for name := range good {
			incomplete := with(good, nil)
			delete(incomplete, name)
			s.refused(400, "Missing"+name, "ImportKeyMaterial", incomplete)
		}
		s.call("ImportKeyMaterial", good)
	})
	s.check("GetParametersForImport with wrong parameters is refused", func() {
		good := params{"KeyId": bound, "WrappingKeySpec": "RSA_2048", "WrappingAlgorithm": "RSAES_OAEP_SHA_256"}
		for _, c := range [][2]string{
			{"RSA_2048", "SM2PKE"}, {"EC_SM2", "RSAES_OAEP_SHA_256"}, {"RSA_4096", "RSAES_OAEP_SHA_256"}, {"RSA_2048", "RSAES_OAEP_SHA_512"},
		} {
			s.refused(400, "InvalidParameter", "GetParametersForImport", with(good, params{"WrappingKeySpec": c[0], "WrappingAlgorithm": c[1]}))
		}
		for name := range good {
			incomplete := with(good, nil)
			delete(incomplete, name)
			s.refused(400, "Missing"+name, "GetParametersForImport", incomplete)
		}
	})
	for action, p := range map[string]params{
		"GetParametersForImport": {"WrappingKeySpec": "RSA_2048", "WrappingAlgorithm": "RSAES_OAEP_SHA_256"},
		"ImportKeyMaterial":      {"ImportToken": encode(random(64)), "EncryptedKeyMaterial": encode(random(256)), "KeyMaterialExpireUnix": 0},
		"DeleteKeyMaterial":      {},
	} {
		s.check(fmt.Sprintf("%s of a key that takes no material is refused", action), func() {
			s.refused(400, "Unsupported.Origin", action, with(p, params{"KeyId": s.keyID()}))
			s.refused(400, "Unsupported.Alias", action, with(p, params{"KeyId": s.alias}))
			s.refused(404, "Forbidden.KeyNotFound", action, with(p, params{"KeyId": unknownKey}))
		})
	}
}
