package main

// reEncryption moves ciphertexts from one key to another inside the service.
func (s *suite) reEncryption() {
	target, alias := "", "alias/"+s.id+"/target"
	if !s.check("CreateKey for ReEncrypt", func() {
		target = s.newKeyID(nil)
		s.call("CreateAlias", params{"AliasName": alias, "KeyId": target})
	}) {
		return
	}
	version := func(id string) any { return s.metadata(id)["PrimaryKeyVersion"] }
	context, other := params{"purpose": "before"}, params{"purpose": "after"}
	seal := func(c params) params {
		p := params{"KeyId": s.keyID(), "Plaintext": "moved 密"}
		if c != nil {
			p["EncryptionContext"] = c
		}
		return params{"CiphertextBlob": s.call("Encrypt", p)["CiphertextBlob"]}
	}
	for name, c := range map[string]struct{ seal, move, open params }{
		"without contexts":      {nil, nil, nil},
		"into a context":        {nil, params{"DestinationEncryptionContext": other}, params{"EncryptionContext": other}},
		"out of a context":      {context, params{"SourceEncryptionContext": context}, nil},
		"between two contexts":  {context, params{"SourceEncryptionContext": context, "DestinationEncryptionContext": other}, params{"EncryptionContext": other}},
		"to a key by its alias": {nil, params{"DestinationKeyId": alias}, nil},
		"to a key by its ARN":   {nil, params{"DestinationKeyId": s.arn("key/", target)}, nil},
	} {
		s.check("ReEncrypt "+name, func() {
			moved := s.call("ReEncrypt", with(with(seal(c.seal), params{"DestinationKeyId": target}), c.move))
			fieldsAre(moved, params{"KeyId": s.keyID(), "KeyVersionId": version(s.keyID())})
			opened := s.call("Decrypt", with(params{"CiphertextBlob": moved["CiphertextBlob"]}, c.open))
			fieldsAre(opened, params{"Plaintext": "moved 密", "KeyId": target, "KeyVersionId": version(target)})
		})
	}
	s.check("ReEncrypt of a data key", func() {
		made := s.call("GenerateDataKey", params{"KeyId": s.keyID()})
		moved := s.call("ReEncrypt", params{"CiphertextBlob": made["CiphertextBlob"], "DestinationKeyId": target})
		equal(s.call("Decrypt", params{"CiphertextBlob": moved["CiphertextBlob"]})["Plaintext"], made["Plaintext"], "Plaintext")
	})
	for _, c := range [][2]string{{"RSA_2048", "RSAES_OAEP_SHA_256"}, {"RSA_2048", "RSAES_OAEP_SHA_1"}, {"EC_SM2", "SM2PKE"}} {
		s.check("ReEncrypt from "+c[0]+" with "+c[1], func() {
			p := s.pair(c[0], "ENCRYPT/DECRYPT")
			// What lies under a symmetric cipher is text, so a data key moves as its base64.
			plain := encode(random(32))
			source := params{
				"CiphertextBlob": encode(s.publicKey(c[0], p).encrypt(c[1], decode(plain))), "DestinationKeyId": target,
				"SourceKeyId": p.id, "SourceKeyVersionId": p.version, "SourceEncryptionAlgorithm": c[1],
			}
			moved := p.answeredBy(s.call("ReEncrypt", source))
			equal(s.call("Decrypt", params{"CiphertextBlob": moved["CiphertextBlob"]})["Plaintext"], plain, "Plaintext")
			s.refused(400, "InvalidParameter", "ReEncrypt", with(source, params{"CiphertextBlob": encode(random(256))}))
			s.refused(400, "InvalidParameter", "ReEncrypt", with(source, params{"SourceEncryptionAlgorithm": "RSA_PSS_SHA_256"}))
			s.refused(404, "Forbidden.KeyNotFound", "ReEncrypt", with(source, params{"SourceKeyId": unknownKey}))
			s.refused(404, "Forbidden.KeyVersionNotFound", "ReEncrypt", with(source, params{"SourceKeyVersionId": version(target)}))
		})
	}
	s.check("ReEncrypt with a wrong context is refused", func() {
		sealed := with(seal(context), params{"DestinationKeyId": target})
		s.refused(400, "InvalidParameter", "ReEncrypt", sealed)
		s.refused(400, "InvalidParameter", "ReEncrypt", with(sealed, params{"SourceEncryptionContext": other}))
		s.refused(400, "InvalidParameter", "ReEncrypt", with(sealed, params{
			"SourceEncryptionContext": context, "DestinationEncryptionContext": params{"a": 1},
		}))
	})
	s.check("ReEncrypt of bad ciphertexts and to bad keys is refused", func() {
		sealed := seal(nil)
		to := params{"DestinationKeyId": target}
		blob := decode(sealed["CiphertextBlob"])
		s.refused(400, "InvalidParameter", "ReEncrypt", with(to, params{"CiphertextBlob": encode(broken(blob))}))
		s.refused(400, "InvalidParameter", "ReEncrypt", with(to, params{"CiphertextBlob": "no base64!"}))
		s.refused(404, "Forbidden.KeyNotFound", "ReEncrypt", with(sealed, params{"DestinationKeyId": unknownKey}))
		s.refused(404, "Forbidden.AliasNotFound", "ReEncrypt", with(sealed, params{"DestinationKeyId": "alias/there-is-no-such-alias"}))
		for _, spec := range []string{"RSA_2048", "EC_SM2"} {
			s.refused(400, "UnsupportedOperation", "ReEncrypt", with(sealed, params{"DestinationKeyId": s.pair(spec, "ENCRYPT/DECRYPT").id}))
		}
		s.refused(400, "MissingCiphertextBlob", "ReEncrypt", to)
		s.refused(400, "MissingDestinationKeyId", "ReEncrypt", sealed)
	})
}

// exports wraps data keys under a key pair of the caller, and unwraps them here.
func (s *suite) exports() {
	rsaKey, sm2Key := newWrapKey("RSA_2048", 2048), newWrapKey("EC_SM2", 0)
	under := func(key *wrapKey, algorithm string) params {
		return params{"PublicKeyBlob": key.blob(), "WrappingKeySpec": key.spec, "WrappingAlgorithm": algorithm}
	}
	own := params{"KeyId": s.keyID()}
	by := params{"KeyId": s.keyID(), "KeyVersionId": s.key["PrimaryKeyVersion"]}
	for _, c := range []struct {
		key         *wrapKey
		algorithm   string
		short, long int
	}{
		{rsaKey, "RSAES_OAEP_SHA_256", 1, 190}, {rsaKey, "RSAES_OAEP_SHA_1", 1, 214},
		// The other library opens no ciphertext whose bytes happen to be zero, as one byte is in 256 times.
		{sm2Key, "SM2PKE", 8, 1024},
	} {
		p := under(c.key, c.algorithm)
		s.check("GenerateAndExportDataKey under "+c.key.spec+" with "+c.algorithm, func() {
			for size, how := range map[int]params{
				32: nil, 16: {"KeySpec": "AES_128"}, c.short: {"NumberOfBytes": c.short}, c.long: {"NumberOfBytes": c.long, "KeySpec": "AES_128"},
			} {
				made := s.call("GenerateAndExportDataKey", with(own, with(p, how)))
				fieldsAre(made, by)
				plain := c.key.open(c.algorithm, decode(made["ExportedDataKey"]))
				equal(len(plain), size, "number of bytes")
				equal(s.call("Decrypt", params{"CiphertextBlob": made["CiphertextBlob"]})["Plaintext"], encode(plain), "Plaintext")
			}
		})
		s.check("ExportDataKey under "+c.key.spec+" with "+c.algorithm, func() {
			context := params{"EncryptionContext": params{"purpose": "export"}}
			made := s.call("GenerateDataKey", with(own, context))
			blob := with(p, params{"CiphertextBlob": made["CiphertextBlob"]})
			exported := s.call("ExportDataKey", with(blob, context))
			fieldsAre(exported, by)
			equal(encode(c.key.open(c.algorithm, decode(exported["ExportedDataKey"]))), made["Plaintext"], "data key")
			s.refused(400, "InvalidParameter", "ExportDataKey", blob)
		})
	}
	s.check("GenerateAndExportDataKey with a context binds it", func() {
		context := params{"EncryptionContext": params{"purpose": "export"}}
		made := s.call("GenerateAndExportDataKey", with(own, with(under(rsaKey, "RSAES_OAEP_SHA_256"), context)))
		s.refused(400, "InvalidParameter", "Decrypt", params{"CiphertextBlob": made["CiphertextBlob"]})
		s.call("Decrypt", with(context, params{"CiphertextBlob": made["CiphertextBlob"]}))
	})
	s.check("ExportDataKey of text that is no base64 gives its bytes", func() {
		sealed := s.call("Encrypt", with(own, params{"Plaintext": "no base64!"}))["CiphertextBlob"]
		exported := s.call("ExportDataKey", with(under(rsaKey, "RSAES_OAEP_SHA_256"), params{"CiphertextBlob": sealed}))
		equal(string(rsaKey.open("RSAES_OAEP_SHA_256", decode(exported["ExportedDataKey"]))), "no base64!", "data key")
	})
	small := newWrapKey("RSA_2048", 1024)
	good := under(rsaKey, "RSAES_OAEP_SHA_256")
	for name, changed := range map[string]params{
		"an algorithm of the other spec": {"WrappingAlgorithm": "SM2PKE"},
		"an unknown algorithm":           {"WrappingAlgorithm": "RSAES_PKCS1_V1_5"},
		"the other spec":                 {"WrappingKeySpec": "EC_SM2"},
		"an unknown spec":                {"WrappingKeySpec": "RSA_1024"},
		"a key of another length":        {"PublicKeyBlob": small.blob()},
		"a key of another kind":          {"PublicKeyBlob": sm2Key.blob()},
		"a blob that is no key":          {"PublicKeyBlob": encode(random(270))},
		"a blob that is no base64":       {"PublicKeyBlob": "no base64!"},
	} {
		s.check("exports with "+name+" are refused", func() {
			sealed := params{"CiphertextBlob": s.call("GenerateDataKey", own)["CiphertextBlob"]}
			s.refused(400, "InvalidParameter", "GenerateAndExportDataKey", with(own, with(good, changed)))
			s.refused(400, "InvalidParameter", "ExportDataKey", with(sealed, with(good, changed)))
		})
	}
	s.check("exports that cannot be are refused", func() {
		s.refused(400, "InvalidParameter", "GenerateAndExportDataKey", with(own, with(good, params{"NumberOfBytes": 191})))
		s.refused(400, "InvalidParameter", "GenerateAndExportDataKey", with(own, with(good, params{"NumberOfBytes": 1025})))
		s.refused(400, "InvalidParameter", "GenerateAndExportDataKey", with(own, with(good, params{"KeySpec": "AES_512"})))
		s.refused(404, "Forbidden.KeyNotFound", "GenerateAndExportDataKey", with(good, params{"KeyId": unknownKey}))
		pair := s.pair("RSA_2048", "ENCRYPT/DECRYPT")
		s.refused(400, "UnsupportedOperation", "GenerateAndExportDataKey", with(good, params{"KeyId": pair.id}))
		s.refused(400, "InvalidParameter", "ExportDataKey", with(good, params{"CiphertextBlob": "no base64!"}))
		sealed := decode(s.call("GenerateDataKey", own)["CiphertextBlob"])
		s.refused(400, "InvalidParameter", "ExportDataKey", with(good, params{"CiphertextBlob": encode(broken(sealed))}))
		for name := range good {
			incomplete := with(good, params{"KeyId": s.keyID()})
			delete(incomplete, name)
			s.refused(400, "Missing"+name, "GenerateAndExportDataKey", incomplete)
		}
		s.refused(400, "MissingCiphertextBlob", "ExportDataKey", good)
	})
}
