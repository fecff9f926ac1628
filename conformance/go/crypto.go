package main

import (
	"encoding/base64"
	"fmt"
	"strings"
)

func everyByte() string {
	bytes := make([]byte, 256)
	for i := range bytes {
		bytes[i] = byte(i)
	}
	return base64.StdEncoding.EncodeToString(bytes)
}

var texts = [][2]string{
	{"text that is no base64", "plaintext"},
	{"text beyond ASCII", "Grüße, 密钥 и ключ 🔑"},
	{"base64 text", everyByte()},
	{"text that URLs escape", " a+b*c~d/e=f&g%20h?i#j'k(l)!\"m\\n<>\t\r\n."},
	{"one character", "x"},
}

// roundTrip encrypts and decrypts, the latter under readContext; it gives the blob.
func (s *suite) roundTrip(key, text string, context, readContext params) string {
	extra := func(c params) params {
		if c == nil {
			return nil
		}
		return params{"EncryptionContext": c}
	}
	sealed := s.call("Encrypt", with(params{"KeyId": key, "Plaintext": text}, extra(context)))
	equal(sealed["KeyId"], s.keyID(), "KeyId of Encrypt")
	equal(sealed["KeyVersionId"], s.key["PrimaryKeyVersion"], "KeyVersionId of Encrypt")
	equal(string(decode(sealed["CiphertextBlob"])[:36]), sealed["KeyVersionId"], "version id at the head of the blob")
	opened := s.call("Decrypt", with(params{"CiphertextBlob": sealed["CiphertextBlob"]}, extra(readContext)))
	equal(opened["Plaintext"], text, "Plaintext")
	equal(opened["KeyId"], s.keyID(), "KeyId of Decrypt")
	equal(opened["KeyVersionId"], s.key["PrimaryKeyVersion"], "KeyVersionId of Decrypt")
	return sealed["CiphertextBlob"].(string)
}

func (s *suite) encryption() {
	plain := func(key, text string) string { return s.roundTrip(key, text, nil, nil) }
	for _, text := range texts {
		s.check("Encrypt and Decrypt "+text[0], func() { plain(s.keyID(), text[1]) })
	}
	s.check("Encrypt by alias names the real key", func() { plain(s.alias, "by alias") })
	s.check("Encrypt by ARN names the real key", func() { plain(s.arn("key/", s.keyID()), "by ARN") })
	s.check("Encrypt by alias ARN names the real key", func() { plain(s.arn("", s.alias), "by alias ARN") })
	s.check("Encrypt never gives the same blob twice", func() {
		holds(plain(s.keyID(), "same") != plain(s.keyID(), "same"), "two encryptions gave one blob")
	})
	s.check("Encrypt of 6144 bytes", func() { plain(s.keyID(), strings.Repeat("a", 6144)) })
	s.check("Encrypt of 6144 bytes in 2048 characters", func() { plain(s.keyID(), strings.Repeat("密", 2048)) })
	s.refuses("Encrypt of 6145 bytes", 400, "InvalidParameter", "Encrypt",
		params{"KeyId": s.keyID(), "Plaintext": strings.Repeat("a", 6145)})
	s.refuses("Encrypt of 6145 bytes in 2049 characters", 400, "InvalidParameter", "Encrypt",
		params{"KeyId": s.keyID(), "Plaintext": strings.Repeat("密", 2048) + "a"})
	s.refuses("Encrypt with an unknown key", 404, "Forbidden.KeyNotFound", "Encrypt", params{"KeyId": unknownKey, "Plaintext": "x"})
	decryptRefused := func(status int, code string, blob []byte) {
		s.refused(status, code, "Decrypt", params{"CiphertextBlob": base64.StdEncoding.EncodeToString(blob)})
	}
	for _, position := range []int{-1, 36, 50} {
		s.check(fmt.Sprintf("Decrypt of a blob with byte %d changed is refused", position), func() {
			blob := decode(plain(s.keyID(), "to be broken"))
			blob[(position+len(blob))%len(blob)] ^= 1
			decryptRefused(400, "InvalidParameter", blob)
		})
	}
	s.check("Decrypt of a blob that was cut off is refused", func() {
		decryptRefused(400, "InvalidParameter", decode(plain(s.keyID(), "to be cut"))[:48])
	})
	s.refuses("Decrypt of what is no base64", 400, "InvalidParameter", "Decrypt", params{"CiphertextBlob": "!no base64!"})
	s.check("Decrypt of a blob of an unknown key is refused", func() {
		decryptRefused(404, "Forbidden.KeyNotFound", append([]byte("00000000-0000-4000-8000-000000000000"), random(60)...))
	})
}

func (s *suite) contexts() {
	context := params{"purpose": "backup", "owner": "Jürgen & 密", "zone": "a+b=c"}
	s.check("EncryptionContext is bound and can be given again", func() { s.roundTrip(s.keyID(), "x", context, context) })
	var sealed any
	s.check("Encrypt with EncryptionContext", func() {
		sealed = s.call("Encrypt", params{"KeyId": s.keyID(), "Plaintext": "x", "EncryptionContext": context})["CiphertextBlob"]
	})
	for name, pairs := range map[string]params{
		"another value":  with(context, params{"purpose": "restore"}),
		"a pair missing": {"purpose": "backup"},
		"a pair more":    with(context, params{"more": "1"}),
	} {
		s.refuses("Decrypt with an EncryptionContext with "+name, 400, "InvalidParameter", "Decrypt",
			params{"CiphertextBlob": sealed, "EncryptionContext": pairs})
	}
	s.refuses("Decrypt without the EncryptionContext", 400, "InvalidParameter", "Decrypt", params{"CiphertextBlob": sealed})
	s.check("Decrypt with an EncryptionContext that Encrypt did not have is refused", func() {
		blob := s.roundTrip(s.keyID(), "x", nil, nil)
		s.refused(400, "InvalidParameter", "Decrypt", params{"CiphertextBlob": blob, "EncryptionContext": context})
	})
	for name, value := range map[string]any{"a number": 1, "a list": []string{"b"}, "a nested object": params{"b": "c"}} {
		s.refuses("Encrypt with "+name+" in the EncryptionContext", 400, "InvalidParameter", "Encrypt",
			params{"KeyId": s.keyID(), "Plaintext": "x", "EncryptionContext": params{"a": value}})
	}
}

func (s *suite) dataKeys() {
	generated := func(action, key string, p params, size int) string {
		got := s.call(action, with(p, params{"KeyId": key}))
		equal(got["KeyId"], s.keyID(), "KeyId")
		equal(got["KeyVersionId"], s.key["PrimaryKeyVersion"], "KeyVersionId")
		decrypt := params{"CiphertextBlob": got["CiphertextBlob"]}
		if context, ok := p["EncryptionContext"]; ok {
			decrypt["EncryptionContext"] = context
		}
		opened := s.call("Decrypt", decrypt)["Plaintext"].(string)
		equal(len(decode(opened)), size, "number of bytes")
		if action == "GenerateDataKey" {
			equal(got["Plaintext"], opened, "Plaintext")
		} else {
			empty(got, "Plaintext")
		}
		return opened
	}
	for _, action := range []string{"GenerateDataKey", "GenerateDataKeyWithoutPlaintext"} {
		for _, c := range []struct {
			name string
			p    params
			size int
		}{
			{"default", nil, 32},
			{"AES_256", params{"KeySpec": "AES_256"}, 32},
			{"AES_128", params{"KeySpec": "AES_128"}, 16},
			{"1 byte", params{"NumberOfBytes": 1}, 1},
			{"1024 bytes", params{"NumberOfBytes": 1024}, 1024},
			{"24 bytes before AES_128", params{"NumberOfBytes": 24, "KeySpec": "AES_128"}, 24},
			{"with EncryptionContext", params{"EncryptionContext": params{"a": "b"}}, 32},
		} {
			s.check(action+", "+c.name, func() { generated(action, s.keyID(), c.p, c.size) })
		}
		s.check(action+" by alias", func() { generated(action, s.alias, nil, 32) })
		s.check(action+" by ARN", func() { generated(action, s.arn("key/", s.keyID()), nil, 32) })
		s.refuses(action+" with 1025 bytes", 400, "InvalidParameter", action, params{"KeyId": s.keyID(), "NumberOfBytes": 1025})
		s.refuses(action+" with an unknown KeySpec", 400, "InvalidParameter", action, params{"KeyId": s.keyID(), "KeySpec": "AES_512"})
		s.refuses(action+" with an unknown key", 404, "Forbidden.KeyNotFound", action, params{"KeyId": unknownKey})
	}
	s.check("GenerateDataKey never gives the same key twice", func() {
		one, two := generated("GenerateDataKey", s.keyID(), nil, 32), generated("GenerateDataKey", s.keyID(), nil, 32)
		holds(one != two, "the same key twice")
	})
}

func (s *suite) passwords() {
	classes := map[string]string{
		"ExcludeLowercase": lower, "ExcludeUppercase": strings.ToUpper(lower), "ExcludeNumbers": digits, "ExcludePunctuation": punctuation,
	}
	everything := lower + strings.ToUpper(lower) + digits + punctuation
	password := func(length int, p params, absent string, all bool) string {
		text := s.call("GetRandomPassword", p)["RandomPassword"].(string)
		equal(len(text), length, "length")
		holds(strings.Trim(text, everything) == "", "a character outside the four classes")
		holds(absent == "" || !strings.ContainsAny(text, absent), "an excluded character")
		for _, members := range classes {
			holds(!all || strings.ContainsAny(text, members), "no character of %s", members)
		}
		return text
	}
	s.check("GetRandomPassword: 32 characters of all classes", func() { password(32, nil, "", true) })
	for _, length := range []int{8, 64, 128} {
		s.check(fmt.Sprintf("GetRandomPassword of %d characters", length), func() {
			password(length, params{"PasswordLength": fmt.Sprint(length)}, "", true)
		})
	}
	for _, length := range []string{"7", "129", "long"} {
		s.refuses("GetRandomPassword of "+length+" characters", 400, "InvalidParameter", "GetRandomPassword", params{"PasswordLength": length})
	}
	none := params{}
	for parameter, members := range classes {
		none[parameter] = "true"
		s.check("GetRandomPassword with "+parameter, func() { password(32, params{parameter: "true"}, members, false) })
	}
	s.refuses("GetRandomPassword without any class", 400, "InvalidParameter", "GetRandomPassword", none)
	unwanted := "aeiouAEIOU013579+&=%#\"'\\~"
	s.check("GetRandomPassword with ExcludeCharacters", func() {
		password(128, params{"PasswordLength": "128", "ExcludeCharacters": unwanted}, unwanted, false)
	})
	s.check("GetRandomPassword with RequireEachIncludedType", func() {
		password(8, params{"PasswordLength": "8", "RequireEachIncludedType": "true"}, "", true)
	})
	s.check("GetRandomPassword never gives the same password twice", func() {
		holds(password(32, nil, "", true) != password(32, nil, "", true), "the same password twice")
	})
}
