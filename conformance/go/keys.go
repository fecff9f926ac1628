package main

import (
	"fmt"
	"strings"
	"time"
)

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
