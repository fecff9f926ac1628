package main

// cryptoKeys are keys of every kind for one round through all operations that use keys.
type cryptoKeys struct {
	symmetric, mac    string
	signer, decrypter pair
}

func (s *suite) newCryptoKeys() cryptoKeys {
	pairOf := func(p params) pair {
		id := s.newKeyID(p)
		return pair{id, s.onlyVersion(id)}
	}
	return cryptoKeys{
		symmetric: s.newKeyID(nil),
		mac:       s.newKeyID(params{"KeySpec": "HMAC_SHA_256"}),
		signer:    pairOf(params{"KeySpec": "EC_P256"}),
		decrypter: pairOf(params{"KeySpec": "EC_SM2", "KeyUsage": "ENCRYPT/DECRYPT"}),
	}
}

func (k cryptoKeys) ids() []string { return []string{k.symmetric, k.mac, k.signer.id, k.decrypter.id} }

// cryptoCalls gives a call of each operation that uses a key, all of which succeed while the keys are enabled.
func (s *suite) cryptoCalls(k cryptoKeys) map[string]params {
	wrap := newWrapKey("EC_SM2", 0)
	under := params{"PublicKeyBlob": wrap.blob(), "WrappingKeySpec": "EC_SM2", "WrappingAlgorithm": "SM2PKE"}
	key := params{"KeyId": k.symmetric}
	blob := params{"CiphertextBlob": s.call("GenerateDataKey", key)["CiphertextBlob"]}
	digest := params{"Algorithm": "ECDSA_SHA_256", "Digest": encode(random(32))}
	signature := s.call("AsymmetricSign", k.signer.named(digest))["Value"]
	sealed := s.call("AsymmetricEncrypt", k.decrypter.named(params{"Algorithm": "SM2PKE", "Plaintext": "YQ=="}))["CiphertextBlob"]
	message := params{"KeyId": k.mac, "Algorithm": "HMAC_SHA_256", "Message": "YQ=="}
	return map[string]params{
		"Encrypt":                         with(key, params{"Plaintext": "x"}),
		"Decrypt":                         blob,
		"GenerateDataKey":                 key,
		"GenerateDataKeyWithoutPlaintext": key,
		"GenerateAndExportDataKey":        with(key, under),
		"ExportDataKey":                   with(blob, under),
		"ReEncrypt":                       with(blob, params{"DestinationKeyId": k.symmetric}),
		"AsymmetricSign":                  k.signer.named(digest),
		"AsymmetricVerify":                k.signer.named(with(digest, params{"Value": signature})),
		"GetPublicKey":                    k.signer.named(nil),
		"AsymmetricEncrypt":               k.decrypter.named(params{"Algorithm": "SM2PKE", "Plaintext": "YQ=="}),
		"AsymmetricDecrypt":               k.decrypter.named(params{"Algorithm": "SM2PKE", "CiphertextBlob": sealed}),
		"GenerateMac":                     message,
		"VerifyMac":                       with(message, params{"Mac": s.call("GenerateMac", message)["Mac"]}),
	}
}

// dryRuns calls every operation that has DryRun: the answer is always an error, which says how the call would have ended.
func (s *suite) dryRuns() {
	var calls map[string]params
	if !s.check("keys for DryRun", func() {
		calls = s.cryptoCalls(s.newCryptoKeys())
		calls["GetSecretValue"] = params{"SecretName": s.secret}
	}) {
		return
	}
	for action, p := range calls {
		s.check(action+" with DryRun", func() {
			for _, yes := range []string{"true", "True"} {
				s.refused(400, "DryRunOperationError", action, with(p, params{"DryRun": yes}))
			}
			s.call(action, with(p, params{"DryRun": "false"}))
			s.refused(400, "InvalidParameter", action, with(p, params{"DryRun": "perhaps"}))
			wrong := with(p, params{"DryRun": "true"})
			for name, value := range map[string]any{
				"KeyId": unknownKey, "CiphertextBlob": "no base64!", "SecretName": s.id + "/none", "Plaintext": "no base64!",
			} {
				_, given := p[name]
				if given && (name != "Plaintext" || action == "AsymmetricEncrypt") {
					s.refused(400, "ValidationError", action, with(wrong, params{name: value}))
				}
			}
		})
	}
}

// enclaves asks for what needs the vendor's attestation service, which is refused for good.
func (s *suite) enclaves() {
	s.refuses("GetChallenge", 400, "UnsupportedOperation", "GetChallenge", nil)
	s.check("answers sealed for an enclave are refused", func() {
		recipient := params{"Recipient": "YXR0ZXN0YXRpb24="}
		p := s.pair("EC_SM2", "ENCRYPT/DECRYPT")
		sealed := s.call("AsymmetricEncrypt", p.named(params{"Algorithm": "SM2PKE", "Plaintext": "YQ=="}))["CiphertextBlob"]
		blob := s.call("GenerateDataKey", params{"KeyId": s.keyID()})["CiphertextBlob"]
		for action, p := range map[string]params{
			"Decrypt":           {"CiphertextBlob": blob},
			"GenerateDataKey":   {"KeyId": s.keyID()},
			"AsymmetricDecrypt": p.named(params{"Algorithm": "SM2PKE", "CiphertextBlob": sealed}),
			"GetSecretValue":    {"SecretName": s.secret},
		} {
			s.refused(400, "UnsupportedOperation", action, with(p, recipient))
		}
	})
}

// stateTable holds the published table: what a key may do in which state.
func (s *suite) stateTable() {
	var keys cryptoKeys
	var calls map[string]params
	if !s.check("keys for the state table", func() {
		keys = s.newCryptoKeys()
		calls = s.cryptoCalls(keys)
	}) {
		return
	}
	each := func(action string, p params) {
		for _, id := range keys.ids() {
			s.call(action, with(params{"KeyId": id}, p))
		}
	}
	allRefused := func(code string) {
		for action, p := range calls {
			s.refused(409, code, action, p)
		}
		s.refused(409, code, "CreateKeyVersion", params{"KeyId": keys.symmetric})
	}
	s.check("a disabled key does nothing, and can still be read and managed", func() {
		each("DisableKey", nil)
		allRefused("Rejected.Disabled")
		for _, id := range keys.ids() {
			s.readable(id)
		}
		s.call("CreateAlias", params{"AliasName": "alias/" + s.id + "/state", "KeyId": keys.mac})
		s.call("UpdateAlias", params{"AliasName": "alias/" + s.id + "/state", "KeyId": keys.symmetric})
		each("SetDeletionProtection", params{"EnableDeletionProtection": false})
		s.refused(409, "Rejected.StateModifiedFailed", "CancelKeyDeletion", params{"KeyId": keys.mac})
		each("EnableKey", nil)
	})
	s.check("an enabled key does everything", func() {
		for action, p := range calls {
			s.call(action, p)
		}
	})
	s.check("a key that waits for deletion does nothing, and can still be read", func() {
		each("ScheduleKeyDeletion", params{"PendingWindowInDays": 7})
		allRefused("Rejected.PendingDeletion")
		alias := params{"AliasName": "alias/" + s.id + "/late", "KeyId": keys.symmetric}
		s.refused(409, "Rejected.StateModifiedFailed", "CreateAlias", alias)
		s.refused(409, "Rejected.PendingDeletion", "UpdateAlias", with(alias, params{"AliasName": s.alias}))
		s.refused(409, "Rejected.PendingDeletion", "UpdateRotationPolicy",
			params{"KeyId": keys.symmetric, "EnableAutomaticRotation": true, "RotationInterval": "7d"})
		for _, id := range keys.ids() {
			s.readable(id)
		}
		s.call("DeleteAlias", params{"AliasName": "alias/" + s.id + "/state"})
		each("CancelKeyDeletion", nil)
	})
	s.externalStates()
}

// readable calls what is allowed in every state.
func (s *suite) readable(id string) {
	key := params{"KeyId": id}
	s.call("DescribeKey", key)
	s.call("ListAliasesByKeyId", key)
	versions := list(s.call("ListKeyVersions", key), "KeyVersions", "KeyVersion")
	for _, version := range versions {
		s.call("DescribeKeyVersion", with(key, params{"KeyVersionId": version["KeyVersionId"]}))
	}
	s.call("UpdateKeyDescription", with(key, params{"Description": "still there"}))
	s.call("TagResource", with(key, params{"Tags": asTags(map[string]string{"state": "any"})}))
	equal(s.keyTags(id), map[string]string{"state": "any"}, "tags")
	s.call("UntagResource", with(key, params{"TagKeys": "state"}))
	s.call("SetKeyPolicy", with(key, params{"Policy": s.call("GetKeyPolicy", key)["Policy"]}))
}

// externalStates is the part of the table about keys without their material.
func (s *suite) externalStates() {
	s.check("a key that waits for its material", func() {
		id := s.newKeyID(params{"Origin": "EXTERNAL"})
		key, material := params{"KeyId": id}, random(32)
		s.call("ImportKeyMaterial", s.importParameters(id, "RSA_2048", "RSAES_OAEP_SHA_256").params(material, 0))
		calls := s.cryptoCalls(cryptoKeys{symmetric: id, mac: s.macKeys["HMAC_SHA_256"],
			signer: s.pair("EC_P256", "SIGN/VERIFY"), decrypter: s.pair("EC_SM2", "ENCRYPT/DECRYPT")})
		s.call("DeleteKeyMaterial", key)
		for action, p := range calls {
			_, blob := p["CiphertextBlob"]
			if p["KeyId"] == id || blob && p["KeyId"] == nil {
				s.refused(409, "Rejected.PendingImport", action, p)
			}
		}
		for _, action := range []string{"EnableKey", "DisableKey", "CancelKeyDeletion"} {
			s.refused(409, "Rejected.StateModifiedFailed", action, key)
		}
		s.refused(400, "Rejected.UnsupportedOperation", "CreateKeyVersion", key)
		s.readable(id)
		s.call("DeleteKeyMaterial", key)
		alias := params{"AliasName": "alias/" + s.id + "/external", "KeyId": id}
		s.call("CreateAlias", alias)
		s.call("UpdateAlias", alias)
		way := s.importParameters(id, "RSA_2048", "RSAES_OAEP_SHA_256")
		s.call("ScheduleKeyDeletion", with(key, params{"PendingWindowInDays": 7}))
		s.refused(409, "Rejected.StateModifiedFailed", "ImportKeyMaterial", way.params(material, 0))
		s.importParameters(id, "RSA_2048", "RSAES_OAEP_SHA_256")
		s.call("DeleteKeyMaterial", key)
		equal(s.metadata(id)["KeyState"], "PendingDeletion", "KeyState")
		s.call("CancelKeyDeletion", key)
		equal(s.metadata(id)["KeyState"], "PendingImport", "KeyState")
		s.call("ImportKeyMaterial", way.params(material, 0))
		s.call("Decrypt", calls["Decrypt"])
	})
}
