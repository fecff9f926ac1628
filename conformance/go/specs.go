package main

import "time"

// pair is an asymmetric key and its version.
type pair struct{ id, version string }

var (
	symmetricSpecs = []string{"Aliyun_AES_256", "Aliyun_AES_192", "Aliyun_AES_128", "Aliyun_SM4"}
	macSpecs       = []string{
		"HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512", "HMAC_SM3", "HMAC_SHA224", "HMAC_SHA256",
		"HMAC_SHA384", "HMAC_SHA512",
	}
)

// pairSpecs are the asymmetric specs; those that take long to make are left to the thorough run.
func (s *suite) pairSpecs() []string {
	specs := []string{"RSA_2048", "EC_P256", "EC_P256K", "EC_SM2"}
	if s.thorough {
		specs = append(specs, "RSA_3072", "RSA_4096")
	}
	return specs
}

// pair gives an asymmetric key of that spec and usage, which is made once.
func (s *suite) pair(spec, usage string) pair {
	if made, ok := s.pairs[spec+usage]; ok {
		return made
	}
	id := s.newKeyID(params{"KeySpec": spec, "KeyUsage": usage})
	made := pair{id, s.onlyVersion(id)}
	s.pairs[spec+usage] = made
	return made
}

func (s *suite) newKeyID(p params) string { return s.newKey(p)["KeyId"].(string) }

// onlyVersion is how a program learns the version of an asymmetric key.
func (s *suite) onlyVersion(id string) string {
	versions := list(s.call("ListKeyVersions", params{"KeyId": id}), "KeyVersions", "KeyVersion")
	equal(len(versions), 1, "number of versions")
	return versions[0]["KeyVersionId"].(string)
}

func (s *suite) metadata(id string) answer {
	return s.call("DescribeKey", params{"KeyId": id})["KeyMetadata"].(answer)
}

// keySpecs makes keys of every spec and usage.
func (s *suite) keySpecs() {
	for _, spec := range symmetricSpecs {
		s.check("a key of spec "+spec, func() {
			made := s.newKey(params{"KeySpec": spec})
			s.metadataIs(made, params{"KeySpec": spec})
			key := params{"KeyId": made["KeyId"]}
			sealed := s.call("Encrypt", with(key, params{"Plaintext": "kept", "EncryptionContext": params{"a": "b"}}))
			opened := s.call("Decrypt", params{"CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": params{"a": "b"}})
			equal(opened["Plaintext"], "kept", "Plaintext")
			data := s.call("GenerateDataKey", key)
			equal(s.call("Decrypt", params{"CiphertextBlob": data["CiphertextBlob"]})["Plaintext"], data["Plaintext"], "Plaintext")
			s.refused(400, "InvalidParameter", "Decrypt", params{"CiphertextBlob": sealed["CiphertextBlob"]})
		})
	}
	for _, spec := range s.pairSpecs() {
		s.check("a key of spec "+spec+" signs by default", func() {
			made := s.newKey(params{"KeySpec": spec})
			s.pairMetadataIs(made, spec, "SIGN/VERIFY")
			id := made["KeyId"].(string)
			s.pairs[spec+"SIGN/VERIFY"] = pair{id, s.onlyVersion(id)}
			s.pairMetadataIs(s.metadata(id), spec, "SIGN/VERIFY")
		})
		if spec != "RSA_3072" && spec != "RSA_4096" {
			s.check("a key of spec "+spec+" for signatures", func() {
				s.pairMetadataIs(s.newKey(params{"KeySpec": spec, "KeyUsage": "SIGN/VERIFY"}), spec, "SIGN/VERIFY")
			})
		}
		if spec == "EC_P256" || spec == "EC_P256K" {
			s.refuses("CreateKey of spec "+spec+" for encryption", 400, "InvalidParameter", "CreateKey",
				params{"KeySpec": spec, "KeyUsage": "ENCRYPT/DECRYPT"})
			continue
		}
		s.check("a key of spec "+spec+" for encryption", func() {
			s.pairMetadataIs(s.metadata(s.pair(spec, "ENCRYPT/DECRYPT").id), spec, "ENCRYPT/DECRYPT")
		})
	}
	for _, spec := range macSpecs {
		s.check("a key of spec "+spec, func() {
			made := s.newKey(params{"KeySpec": spec})
			equal(made["KeySpec"], spec, "KeySpec")
			equal(made["KeyUsage"], "GENERATE/VERIFY_MAC", "KeyUsage")
			equal(made["KeyState"], "Enabled", "KeyState")
			equal(made["AutomaticRotation"], "Disabled", "AutomaticRotation")
			s.macKeys[spec] = made["KeyId"].(string)
		})
	}
	for _, usage := range []string{"GENERATE/VERIFY_MAC", "GENERATE_VERIFY_MAC", "GENERATE/VERIFY"} {
		s.check("the usage "+usage, func() {
			made := s.newKey(params{"KeySpec": "HMAC_SHA_256", "KeyUsage": usage})
			equal(made["KeyUsage"], "GENERATE/VERIFY_MAC", "KeyUsage")
		})
	}
	for _, c := range [][2]string{
		{"Aliyun_AES_128", "SIGN/VERIFY"}, {"Aliyun_SM4", "SIGN/VERIFY"}, {"Aliyun_AES_256", "GENERATE/VERIFY_MAC"},
		{"RSA_2048", "GENERATE/VERIFY_MAC"}, {"EC_SM2", "GENERATE/VERIFY_MAC"}, {"EC_P256", "GENERATE/VERIFY_MAC"},
		{"HMAC_SHA_256", "ENCRYPT/DECRYPT"}, {"HMAC_SM3", "SIGN/VERIFY"}, {"RSA_2048", "ENCRYPT"}, {"RSA_1024", "SIGN/VERIFY"},
		{"EC_P384", "SIGN/VERIFY"}, {"rsa_2048", "SIGN/VERIFY"},
	} {
		s.refuses("CreateKey of spec "+c[0]+" for "+c[1], 400, "InvalidParameter", "CreateKey",
			params{"KeySpec": c[0], "KeyUsage": c[1]})
	}
	s.refuses("CreateKey in an unknown instance", 403, "Forbidden.DKMSInstanceNotFound", "CreateKey",
		params{"DKMSInstanceId": "kst-hzz62d8f5e0sgtx8habcd"})
	s.refuses("CreateKey with an unknown ProtectionLevel", 400, "InvalidParameter", "CreateKey", params{"ProtectionLevel": "PAPER"})
	s.check("an HSM key says so", func() {
		equal(s.newKey(params{"ProtectionLevel": "HSM"})["ProtectionLevel"], "HSM", "ProtectionLevel")
	})
	s.wrongKeys()
}

// wrongKeys uses keys of one kind for what only another can do.
func (s *suite) wrongKeys() {
	s.check("what only symmetric keys can do is refused for a key pair", func() {
		key := params{"KeyId": s.pair("RSA_2048", "ENCRYPT/DECRYPT").id}
		s.refused(400, "UnsupportedOperation", "Encrypt", with(key, params{"Plaintext": "x"}))
		s.refused(400, "UnsupportedOperation", "GenerateDataKey", key)
		s.refused(400, "UnsupportedOperation", "GenerateDataKeyWithoutPlaintext", key)
	})
	s.check("what only symmetric keys can do is refused for a MAC key", func() {
		key := params{"KeyId": s.macKeys["HMAC_SHA_256"]}
		s.refused(400, "UnsupportedOperation", "Encrypt", with(key, params{"Plaintext": "x"}))
		s.refused(400, "UnsupportedOperation", "GenerateDataKey", key)
	})
}

// pairMetadataIs checks the fields that differ between a key pair and a symmetric key.
func (s *suite) pairMetadataIs(metadata answer, spec, usage string) {
	matches(keyIDForm, metadata["KeyId"], "KeyId")
	fieldsAre(metadata, params{
		"Arn": s.arn("key/", metadata["KeyId"].(string)), "Creator": s.facts.Account, "KeySpec": spec, "KeyUsage": usage,
		"KeyState": "Enabled", "Origin": "Aliyun_KMS", "AutomaticRotation": "Disabled",
	})
	created, err := time.Parse(time.RFC3339, metadata["CreationDate"].(string))
	holds(err == nil && time.Since(created) < time.Hour, "CreationDate is %v", metadata["CreationDate"])
	empty(metadata, "PrimaryKeyVersion", "DeleteDate", "MaterialExpireTime", "NextRotationDate", "RotationInterval", "DKMSInstanceId")
}
