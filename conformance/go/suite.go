package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"time"
)

var (
	timeForm      = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
	requestIDForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$`)
	keyIDForm     = regexp.MustCompile(`^key-[a-z]{3}[0-9a-f]{8}[0-9a-z]{10}$`)
	versionIDForm = regexp.MustCompile(`^[0-9A-Za-z-]{36}$`)
)

const (
	unknownKey  = "key-hzz00000000aaaaaaaaaa"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	lower       = "abcdefghijklmnopqrstuvwxyz"
	digits      = "0123456789"
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

func stamp(minutes int) string {
	return time.Now().UTC().Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05Z")
}

func random(size int) []byte {
	bytes := make([]byte, size)
	_, _ = rand.Read(bytes) // never fails
	return bytes
}

func decode(text any) []byte {
	bytes, err := base64.StdEncoding.Strict().DecodeString(fmt.Sprint(text))
	holds(err == nil, "no base64: %v", text)
	return bytes
}

func answered(got answer) answer {
	matches(requestIDForm, got["RequestId"], "RequestId")
	return got
}

func with(base params, more params) params {
	all := params{}
	for _, part := range []params{base, more} {
		for name, value := range part {
			all[name] = value
		}
	}
	return all
}

// list gives the members of a list such as Keys.Key.
func list(got answer, outer, inner string) []answer {
	node, ok := got[outer].(answer)
	holds(ok, "no %s in the answer", outer)
	entries := []answer{}
	if node[inner] == nil {
		return entries // an empty list leaves the typed answer
	}
	for _, entry := range node[inner].([]any) {
		entries = append(entries, entry.(answer))
	}
	return entries
}

// stages gives VersionStages.VersionStage, sorted.
func stages(got answer) []string {
	names := []string{}
	if node, ok := got["VersionStages"].(answer); ok && node["VersionStage"] != nil {
		for _, name := range node["VersionStage"].([]any) {
			names = append(names, name.(string))
		}
	}
	sort.Strings(names)
	return names
}

// suite is the checks that run in every signature version.
type suite struct {
	h               *harness
	kms             *client
	facts           *serverFacts
	tag, id         string
	key             answer
	alias           string
	secret, initial string
}

func newSuite(h *harness, kms *client, facts *serverFacts, tag string) *suite {
	plain := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(tag), "-")
	return &suite{h: h, kms: kms, facts: facts, tag: tag, id: plain + "-" + hex.EncodeToString(random(4))}
}

func (s *suite) check(name string, fn func()) bool { return s.h.check(s.tag+": "+name, fn) }

func (s *suite) call(action string, p params) answer {
	got, err := s.kms.call(action, p, overrides{})
	holds(err == nil, "%s failed: %v", action, err)
	return answered(got)
}

func (s *suite) refused(status int, code, action string, p params) {
	got, err := s.kms.call(action, p, overrides{})
	refused(status, code, got, err)
}

func (s *suite) refuses(name string, status int, code, action string, p params) {
	s.check(name+" is refused", func() { s.refused(status, code, action, p) })
}

func (s *suite) newKey(p params) answer { return s.call("CreateKey", p)["KeyMetadata"].(answer) }

func (s *suite) keyID() string { return s.key["KeyId"].(string) }

func (s *suite) arn(kind, name string) string {
	return fmt.Sprintf("acs:kms:%s:%s:%s%s", s.facts.Region, s.facts.Account, kind, name)
}

func (s *suite) run() {
	s.regionsAndKeys()
	if s.key == nil {
		s.check("the remaining checks", func() { holds(false, "not run, for there is no key") })
		return
	}
	s.aliases()
	s.keyLists()
	s.encryption()
	s.contexts()
	s.dataKeys()
	s.states()
	s.passwords()
	s.secrets()
	s.secretVersions()
	s.secretLists()
	s.secretSizes()
	s.missingParameters()
	s.refuses("ListNetworkRules, not offered yet,", 400, "UnsupportedOperation", "ListNetworkRules", nil)
	s.refuses("an unknown operation", 404, "InvalidAction.NotFound", "NoSuchOperation", nil)
	s.clockAndReplay()
}

// metadataIs checks every field of KeyMetadata of an enabled default key.
func (s *suite) metadataIs(metadata answer, expected params) {
	id, _ := metadata["KeyId"].(string)
	matches(keyIDForm, id, "KeyId")
	holds(s.facts.Region != "cn-hangzhou" || strings.HasPrefix(id, "key-hzz"), "KeyId %s does not begin key-hzz", id)
	equal(metadata["Arn"], s.arn("key/", id), "Arn")
	equal(metadata["Creator"], s.facts.Account, "Creator")
	matches(timeForm, metadata["CreationDate"], "CreationDate")
	created, _ := time.Parse(time.RFC3339, metadata["CreationDate"].(string))
	age := time.Since(created)
	holds(age > -time.Minute && age < time.Hour, "CreationDate is %v ago", age)
	matches(versionIDForm, metadata["PrimaryKeyVersion"], "PrimaryKeyVersion")
	matches(timeForm, metadata["LastRotationDate"], "LastRotationDate")
	for name, value := range with(params{
		"KeySpec":           "Aliyun_AES_256",
		"KeyUsage":          "ENCRYPT/DECRYPT",
		"KeyState":          "Enabled",
		"Origin":            "Aliyun_KMS",
		"AutomaticRotation": "Disabled",
	}, expected) {
		equal(metadata[name], value, name)
	}
	level := metadata["ProtectionLevel"]
	holds(level == "SOFTWARE" || level == "HSM", "ProtectionLevel is %v", level)
	empty(metadata, "DKMSInstanceId", "DeleteDate", "MaterialExpireTime", "NextRotationDate", "RotationInterval")
}

func (s *suite) described(name string) {
	metadata := s.call("DescribeKey", params{"KeyId": name})["KeyMetadata"].(answer)
	s.metadataIs(metadata, params{"KeyId": s.keyID(), "DeletionProtection": "Disabled"})
	for _, field := range []string{"Arn", "CreationDate", "PrimaryKeyVersion", "LastRotationDate", "ProtectionLevel"} {
		equal(metadata[field], s.key[field], field)
	}
}

func (s *suite) regionsAndKeys() {
	s.check("DescribeRegions names the server's region", func() {
		for _, region := range list(s.call("DescribeRegions", nil), "Regions", "Region") {
			if region["RegionId"] == s.facts.Region {
				return
			}
		}
		holds(false, "the own region is missing")
	})
	s.check("CreateKey without parameters gives an Aliyun_AES_256 key", func() {
		metadata := s.newKey(nil)
		empty(metadata, "Description")
		s.metadataIs(metadata, nil)
		s.key = metadata
	})
	if s.key == nil {
		return
	}
	s.check("CreateKey with parameters echoes them", func() {
		text := s.id + " é 密 a+b*c~d e=f&g%h"
		metadata := s.newKey(params{
			"KeySpec": "Aliyun_AES_256", "KeyUsage": "ENCRYPT/DECRYPT", "Origin": "Aliyun_KMS",
			"ProtectionLevel": "SOFTWARE", "EnableAutomaticRotation": false, "Description": text,
			"Tags": `[{"TagKey":"team","TagValue":"a b"}]`,
		})
		s.metadataIs(metadata, params{"Description": text, "ProtectionLevel": "SOFTWARE"})
	})
	s.check("DescribeKey by id", func() { s.described(s.keyID()) })
	s.check("DescribeKey by ARN", func() { s.described(s.arn("key/", s.keyID())) })
	s.refuses("CreateKey with an unknown KeySpec", 400, "InvalidParameter", "CreateKey", params{"KeySpec": "Aliyun_AES_257"})
	s.refuses("CreateKey with an unknown Origin", 400, "InvalidParameter", "CreateKey", params{"Origin": "Elsewhere"})
	s.refuses("CreateKey with a KeyUsage that the spec cannot have", 400, "InvalidParameter", "CreateKey", params{"KeyUsage": "SIGN/VERIFY"})
	for _, action := range []string{"DescribeKey", "EnableKey", "DisableKey"} {
		s.refuses(action+" of an unknown key", 404, "Forbidden.KeyNotFound", action, params{"KeyId": unknownKey})
	}
}

func (s *suite) aliases() {
	s.alias = "alias/" + s.id + "/main_1"
	s.check("CreateAlias", func() { s.call("CreateAlias", params{"AliasName": s.alias, "KeyId": s.keyID()}) })
	s.refuses("CreateAlias of a name in use", 400, "AliasAlreadyExists", "CreateAlias", params{"AliasName": s.alias, "KeyId": s.keyID()})
	s.refuses("CreateAlias without the prefix alias/", 400, "InvalidParameter", "CreateAlias", params{"AliasName": s.id, "KeyId": s.keyID()})
	s.refuses("CreateAlias for an unknown key", 404, "Forbidden.KeyNotFound", "CreateAlias",
		params{"AliasName": "alias/" + s.id + "/none", "KeyId": unknownKey})
	s.check("DescribeKey by alias", func() { s.described(s.alias) })
	for action, rest := range map[string]params{
		"DescribeKey": {}, "Encrypt": {"Plaintext": "x"}, "GenerateDataKey": {}, "GenerateDataKeyWithoutPlaintext": {},
	} {
		s.refuses(action+" with an unknown alias", 404, "Forbidden.AliasNotFound", action,
			with(rest, params{"KeyId": "alias/there-is-no-such-alias"}))
	}
	for _, action := range []string{"EnableKey", "DisableKey"} {
		s.refuses(action+" with an alias", 400, "Unsupported.Alias", action, params{"KeyId": s.alias})
	}
	s.check("ListAliases: defaults, pages, entries", func() {
		names := []string{}
		found := s.pages("ListAliases", "Aliases", "Alias", "AliasName", func(number int) {
			names = append(names, fmt.Sprintf("alias/%s/list-%02d", s.id, number))
			s.call("CreateAlias", params{"AliasName": names[number], "KeyId": s.keyID()})
		})
		for _, name := range append(names, s.alias) {
			equal(found[name], answer{"AliasName": name, "KeyId": s.keyID(), "AliasArn": s.arn("", name)}, name)
		}
	})
}

// pages makes eleven things, then walks a list operation: its defaults, its pages and its counts.
func (s *suite) pages(action, outer, inner, id string, makeOne func(number int)) map[string]answer {
	before := int(s.call(action, params{"PageSize": 1})["TotalCount"].(float64))
	for number := range 11 {
		makeOne(number)
	}
	total := before + 11
	isPage := func(page answer, number, size int) {
		equal(page["PageNumber"], number, "PageNumber")
		equal(page["PageSize"], size, "PageSize")
		equal(page["TotalCount"], total, "TotalCount")
	}
	first := s.call(action, nil)
	isPage(first, 1, 10)
	equal(len(list(first, outer, inner)), 10, "number of entries")
	found, count := map[string]answer{}, 0
	for number := 1; number <= (total+6)/7; number++ {
		page := s.call(action, params{"PageNumber": number, "PageSize": 7})
		isPage(page, number, 7)
		for _, entry := range list(page, outer, inner) {
			found[entry[id].(string)] = entry
			count++
		}
	}
	equal(count, total, "number of entries over all pages")
	equal(len(found), total, "number of different entries")
	beyond := s.call(action, params{"PageNumber": 99, "PageSize": 100})
	isPage(beyond, 99, 100)
	equal(len(list(beyond, outer, inner)), 0, "number of entries beyond the last page")
	return found
}

func (s *suite) keyLists() {
	s.check("ListKeys: defaults, pages, entries", func() {
		made := []string{}
		found := s.pages("ListKeys", "Keys", "Key", "KeyId", func(int) { made = append(made, s.newKey(nil)["KeyId"].(string)) })
		for _, id := range made {
			equal(found[id], answer{"KeyId": id, "KeyArn": s.arn("key/", id)}, id)
		}
	})
	s.refuses("ListKeys with a PageSize of 101", 400, "InvalidParameter", "ListKeys", params{"PageSize": 101})
	s.check("ListKeys with Filters", func() {
		disabled := s.newKey(nil)["KeyId"]
		s.call("DisableKey", params{"KeyId": disabled})
		got := s.call("ListKeys", params{"Filters": `[{"Key":"KeyState","Values":["Disabled"]}]`, "PageSize": 100})
		seen := false
		entries := list(got, "Keys", "Key")
		for _, entry := range entries {
			holds(entry["KeyId"] != s.keyID(), "an enabled key among the disabled")
			seen = seen || entry["KeyId"] == disabled
		}
		holds(seen, "the disabled key is missing")
		equal(got["TotalCount"], len(entries), "TotalCount")
	})
	s.refuses("ListKeys with Filters that are no JSON", 400, "InvalidParameter", "ListKeys", params{"Filters": "KeyState=Disabled"})
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

func (s *suite) states() {
	var id string
	var blob any
	if !s.check("CreateKey for the key states", func() {
		id = s.newKey(nil)["KeyId"].(string)
		blob = s.call("Encrypt", params{"KeyId": id, "Plaintext": "kept"})["CiphertextBlob"]
	}) {
		return
	}
	key := params{"KeyId": id}
	state := func() any { return s.call("DescribeKey", key)["KeyMetadata"].(answer)["KeyState"] }
	s.check("EnableKey of an enabled key", func() { s.call("EnableKey", key) })
	s.check("DisableKey", func() { s.call("DisableKey", key) })
	s.check("DisableKey of a disabled key", func() { s.call("DisableKey", key) })
	s.check("DescribeKey says Disabled", func() { equal(state(), "Disabled", "KeyState") })
	for action, p := range map[string]params{
		"Encrypt":                         {"KeyId": id, "Plaintext": "x"},
		"Decrypt":                         {"CiphertextBlob": blob},
		"GenerateDataKey":                 key,
		"GenerateDataKeyWithoutPlaintext": key,
	} {
		s.refuses(action+" with a disabled key", 409, "Rejected.Disabled", action, p)
	}
	s.check("EnableKey", func() { s.call("EnableKey", key) })
	s.check("an enabled key works again", func() {
		equal(state(), "Enabled", "KeyState")
		equal(s.call("Decrypt", params{"CiphertextBlob": blob})["Plaintext"], "kept", "Plaintext")
		s.call("Encrypt", params{"KeyId": id, "Plaintext": "x"})
		s.call("GenerateDataKey", key)
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

// value is what GetSecretValue must answer.
type value struct{ name, version, data, kind string }

func (s *suite) valueIs(v value, p params, expected ...string) {
	got := s.call("GetSecretValue", with(p, params{"SecretName": v.name}))
	if v.kind == "" {
		v.kind = "text"
	}
	for field, want := range map[string]string{
		"SecretName": v.name, "VersionId": v.version, "SecretData": v.data, "SecretDataType": v.kind, "SecretType": "Generic",
	} {
		equal(got[field], want, field)
	}
	sort.Strings(expected)
	equal(strings.Join(stages(got), ","), strings.Join(expected, ","), "VersionStages")
	matches(timeForm, got["CreateTime"], "CreateTime")
	empty(got, "ExtendedConfig", "NextRotationDate", "RotationInterval")
}

func (s *suite) tagsAre(got answer, expected ...string) {
	seen := []string{}
	if got["Tags"] != nil {
		for _, tag := range list(got, "Tags", "Tag") {
			seen = append(seen, fmt.Sprintf("%v=%v", tag["TagKey"], tag["TagValue"]))
		}
	}
	sort.Strings(seen)
	sort.Strings(expected)
	equal(strings.Join(seen, ","), strings.Join(expected, ","), "Tags")
}

func (s *suite) secrets() {
	s.secret = s.id + "/app.db+main=1@x-y_z"
	s.initial = " p@ss w0rd+&=%25~*\"'<>/\\ Grüße 密钥 🔑\r\n\t#"
	description := "for " + s.id + " é"
	name := params{"SecretName": s.secret}
	s.check("CreateSecret", func() {
		got := s.call("CreateSecret", with(name, params{
			"VersionId": "v1", "SecretData": s.initial, "Description": description,
			"Tags": fmt.Sprintf(`[{"TagKey":"team","TagValue":"blue"},{"TagKey":"%s","TagValue":"a b"}]`, s.id),
		}))
		for field, want := range map[string]any{
			"Arn": s.arn("secret/", s.secret), "SecretName": s.secret, "VersionId": "v1", "SecretType": "Generic",
		} {
			equal(got[field], want, field)
		}
		empty(got, "ExtendedConfig", "NextRotationDate", "RotationInterval", "DKMSInstanceId")
	})
	s.refuses("CreateSecret of a name in use", 409, "Rejected.ResourceExist", "CreateSecret",
		with(name, params{"VersionId": "v9", "SecretData": "x"}))
	first := value{name: s.secret, version: "v1", data: s.initial}
	s.check("GetSecretValue", func() { s.valueIs(first, nil, "ACSCurrent") })
	s.check("GetSecretValue by stage", func() { s.valueIs(first, params{"VersionStage": "ACSCurrent"}, "ACSCurrent") })
	s.check("GetSecretValue by version id", func() { s.valueIs(first, params{"VersionId": "v1"}, "ACSCurrent") })
	none := params{"SecretName": s.id + "/none"}
	for _, c := range []struct {
		name, action string
		p            params
	}{
		{"GetSecretValue of an unknown secret", "GetSecretValue", none},
		{"GetSecretValue of an unknown version", "GetSecretValue", with(name, params{"VersionId": "v0"})},
		{"GetSecretValue of an unknown stage", "GetSecretValue", with(name, params{"VersionStage": "ACSPrevious"})},
		{"DescribeSecret of an unknown secret", "DescribeSecret", none},
		{"PutSecretValue to an unknown secret", "PutSecretValue", with(none, params{"VersionId": "v1", "SecretData": "x"})},
	} {
		s.refuses(c.name, 404, "Forbidden.ResourceNotFound", c.action, c.p)
	}
	describe := func(p params, tags ...string) {
		got := s.call("DescribeSecret", with(name, p))
		for field, want := range map[string]any{
			"Arn": s.arn("secret/", s.secret), "SecretName": s.secret, "SecretType": "Generic", "Description": description,
		} {
			equal(got[field], want, field)
		}
		matches(timeForm, got["CreateTime"], "CreateTime")
		matches(timeForm, got["UpdateTime"], "UpdateTime")
		empty(got, "PlannedDeleteTime", "DKMSInstanceId", "ExtendedConfig", "RotationInterval")
		s.tagsAre(got, tags...)
	}
	s.check("DescribeSecret with its tags", func() { describe(params{"FetchTags": "true"}, "team=blue", s.id+"=a b") })
	s.check("DescribeSecret without tags", func() { describe(nil) })
	for what, bad := range map[string]string{
		"longer than 192 characters": strings.Repeat("n", 193), "with the prefix acs/": "acs/" + s.id, "with a blank": s.id + " x",
	} {
		s.refuses("CreateSecret with a name "+what, 400, "InvalidParameter", "CreateSecret",
			params{"SecretName": bad, "VersionId": "v1", "SecretData": "x"})
	}
	s.check("a binary secret comes back as it went in", func() {
		v := value{s.id + "/binary", "v1", everyByte(), "binary"}
		s.call("CreateSecret", params{"SecretName": v.name, "VersionId": "v1", "SecretData": v.data, "SecretDataType": "binary"})
		s.valueIs(v, nil, "ACSCurrent")
	})
}

func (s *suite) secretVersions() {
	put := func(version, data string, p params, expected ...string) {
		got := s.call("PutSecretValue", with(params{"SecretName": s.secret, "VersionId": version, "SecretData": data}, p))
		equal(got["SecretName"], s.secret, "SecretName")
		equal(got["VersionId"], version, "VersionId")
		equal(strings.Join(stages(got), ","), strings.Join(expected, ","), "VersionStages")
	}
	labels := func(names ...string) params {
		text, _ := json.Marshal(names) // strings always marshal
		return params{"VersionStages": string(text)}
	}
	is := func(version, data string, p params, expected ...string) {
		s.valueIs(value{name: s.secret, version: version, data: data}, p, expected...)
	}
	previous := params{"VersionStage": "ACSPrevious"}
	s.check("PutSecretValue moves ACSCurrent and ACSPrevious", func() {
		put("v2", "second", nil, "ACSCurrent")
		is("v2", "second", nil, "ACSCurrent")
		is("v1", s.initial, previous, "ACSPrevious")
		put("v3", "third", nil, "ACSCurrent")
		is("v3", "third", nil, "ACSCurrent")
		is("v2", "second", previous, "ACSPrevious")
		is("v1", s.initial, params{"VersionId": "v1"})
	})
	s.check("PutSecretValue with the same id and value changes nothing", func() {
		put("v3", "third", nil, "ACSCurrent")
		is("v3", "third", nil, "ACSCurrent")
		is("v2", "second", previous, "ACSPrevious")
	})
	s.refuses("PutSecretValue with the same id and another value", 409, "Rejected.ResourceExist", "PutSecretValue",
		params{"SecretName": s.secret, "VersionId": "v3", "SecretData": "other"})
	s.refuses("GetSecretValue with an id and a stage of different versions", 404, "Forbidden.ResourceNotFound", "GetSecretValue",
		params{"SecretName": s.secret, "VersionId": "v2", "VersionStage": "ACSCurrent"})
	s.check("PutSecretValue with VersionStages moves those labels", func() {
		put("v4", "fourth", labels("blue"), "blue")
		is("v4", "fourth", params{"VersionStage": "blue"}, "blue")
		is("v3", "third", nil, "ACSCurrent")
		put("v5", "fifth", labels("ACSCurrent", "blue"), "ACSCurrent", "blue")
		is("v5", "fifth", nil, "ACSCurrent", "blue")
		is("v3", "third", previous, "ACSPrevious")
		is("v4", "fourth", params{"VersionId": "v4"})
	})
	s.check("PutSecretValue of binary data", func() {
		put("v6", "AAECAw==", params{"SecretDataType": "binary"}, "ACSCurrent")
		s.valueIs(value{s.secret, "v6", "AAECAw==", "binary"}, nil, "ACSCurrent")
	})
}

func (s *suite) secretLists() {
	name := func(number int) string { return fmt.Sprintf("%s/list-%02d", s.id, number) }
	s.check("ListSecrets: defaults, pages, entries", func() {
		found := s.pages("ListSecrets", "SecretList", "Secret", "SecretName", func(number int) {
			s.call("CreateSecret", params{"SecretName": name(number), "VersionId": "v1", "SecretData": "x"})
		})
		for number := range 11 {
			entry := found[name(number)]
			matches(timeForm, entry["CreateTime"], "CreateTime")
			matches(timeForm, entry["UpdateTime"], "UpdateTime")
			equal(entry["SecretType"], "Generic", "SecretType")
			empty(entry, "PlannedDeleteTime")
		}
	})
	s.refuses("ListSecrets with a PageSize of 101", 400, "InvalidParameter", "ListSecrets", params{"PageSize": 101})
	filtered := func(filters string, p params, expected ...string) []answer {
		got := s.call("ListSecrets", with(p, params{"Filters": filters}))
		entries := list(got, "SecretList", "Secret")
		names := []string{}
		for _, entry := range entries {
			names = append(names, entry["SecretName"].(string))
		}
		sort.Strings(names)
		equal(strings.Join(names, ","), strings.Join(expected, ","), "SecretNames")
		equal(got["TotalCount"], len(expected), "TotalCount")
		return entries
	}
	s.check("ListSecrets by name", func() {
		filtered(fmt.Sprintf(`[{"Key":"SecretName","Values":["%s"]}]`, name(5)), nil, name(5))
	})
	s.check("ListSecrets by two names", func() {
		filtered(fmt.Sprintf(`[{"Key":"SecretName","Values":["%s","%s"]}]`, name(5), name(6)), nil, name(5), name(6))
	})
	s.check("ListSecrets by a filter that nothing meets", func() {
		filtered(fmt.Sprintf(`[{"Key":"SecretName","Values":["%s/no"]}]`, s.id), nil)
	})
	s.check("ListSecrets by tag, with tags", func() {
		filters := fmt.Sprintf(`[{"Key":"TagKey","Values":["%s"]},{"Key":"TagValue","Values":["a b"]}]`, s.id)
		entries := filtered(filters, params{"FetchTags": "true"}, s.secret)
		s.tagsAre(entries[0], "team=blue", s.id+"=a b")
	})
}

func (s *suite) secretSizes() {
	// ASCII, for this SDK puts the value into the URL, where every byte of other text takes three.
	s.check("a secret of 30720 bytes", func() {
		v := value{name: s.id + "/30720", version: "v1", data: strings.Repeat("a", 30720)}
		s.call("CreateSecret", params{"SecretName": v.name, "VersionId": v.version, "SecretData": v.data})
		s.valueIs(v, nil, "ACSCurrent")
	})
	for action, name := range map[string]string{"CreateSecret": s.id + "/large", "PutSecretValue": s.secret} {
		s.refuses(action+" of 30721 bytes", 400, "InvalidParameter", action,
			params{"SecretName": name, "VersionId": "large", "SecretData": strings.Repeat("a", 30721)})
	}
}

func (s *suite) missingParameters() {
	key, secret := params{"KeyId": "x"}, params{"SecretName": "x", "VersionId": "v1", "SecretData": "x"}
	for action, complete := range map[string]params{
		"DescribeKey": key, "EnableKey": key, "DisableKey": key,
		"CreateAlias":     {"AliasName": "alias/x", "KeyId": "x"},
		"Encrypt":         {"KeyId": s.keyID(), "Plaintext": "x"},
		"Decrypt":         {"CiphertextBlob": "x"},
		"GenerateDataKey": key, "GenerateDataKeyWithoutPlaintext": key,
		"CreateSecret": secret, "PutSecretValue": secret,
		"GetSecretValue": {"SecretName": "x"}, "DescribeSecret": {"SecretName": "x"},
	} {
		for name := range complete {
			rest := with(complete, nil)
			delete(rest, name)
			s.refuses(action+" without "+name, 400, "Missing"+name, action, rest)
		}
	}
}

func (s *suite) clockAndReplay() {
	describe := func(o overrides) (answer, error) { return s.kms.call("DescribeRegions", nil, o) }
	for _, minutes := range []int{-14, 14} {
		s.check(fmt.Sprintf("a request dated %+d minutes is served", minutes), func() {
			got, err := describe(overrides{date: stamp(minutes)})
			holds(err == nil, "refused: %v", err)
			answered(got)
		})
	}
	for _, minutes := range []int{-16, 16} {
		s.check(fmt.Sprintf("a request dated %+d minutes is refused", minutes), func() {
			got, err := describe(overrides{date: stamp(minutes)})
			refused(400, "InvalidTimeStamp.Expired", got, err)
		})
	}
	s.check("a date that is none is refused", func() {
		got, err := describe(overrides{date: "yesterday"})
		refused(400, "InvalidTimeStamp.Format", got, err)
	})
	s.check("an unknown API version is refused", func() {
		got, err := describe(overrides{version: "2017-01-20"})
		refused(400, "InvalidVersion", got, err)
	})
	s.check("a request sent twice is refused", func() {
		twice := overrides{date: stamp(0), nonce: hex.EncodeToString(random(16))}
		got, err := describe(twice)
		holds(err == nil, "refused the first time: %v", err)
		answered(got)
		got, err = describe(twice)
		refused(400, "SignatureNonceUsed", got, err)
	})
}
