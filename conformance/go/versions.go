package main

import (
	"fmt"
	"time"
)

func (s *suite) versions() {
	var key, blob params
	var first any
	if !s.check("CreateKeyVersion makes a new primary version", func() {
		made := s.newKey(nil)
		first = made["PrimaryKeyVersion"]
		key = params{"KeyId": made["KeyId"]}
		blob = params{"CiphertextBlob": s.call("Encrypt", with(key, params{"Plaintext": "old"}))["CiphertextBlob"]}
		version := s.call("CreateKeyVersion", key)["KeyVersion"].(answer)
		equal(version["KeyId"], key["KeyId"], "KeyId")
		matches(versionIDForm, version["KeyVersionId"], "KeyVersionId")
		matches(timeForm, version["CreationDate"], "CreationDate")
		metadata := s.metadata(key["KeyId"].(string))
		fieldsAre(metadata, params{"PrimaryKeyVersion": version["KeyVersionId"], "LastRotationDate": version["CreationDate"]})
		holds(version["KeyVersionId"] != first, "the version is the old one")
		sealed := s.call("Encrypt", with(key, params{"Plaintext": "new"}))
		equal(sealed["KeyVersionId"], version["KeyVersionId"], "KeyVersionId of Encrypt")
		equal(s.call("GenerateDataKey", key)["KeyVersionId"], version["KeyVersionId"], "KeyVersionId of GenerateDataKey")
	}) {
		return
	}
	s.check("an old version still decrypts", func() {
		fieldsAre(s.call("Decrypt", blob), params{"Plaintext": "old", "KeyVersionId": first})
	})
	s.check("ReEncrypt to its own key brings a ciphertext under the new version", func() {
		moved := s.call("ReEncrypt", with(blob, params{"DestinationKeyId": key["KeyId"]}))
		equal(moved["KeyVersionId"], first, "KeyVersionId of ReEncrypt")
		opened := s.call("Decrypt", params{"CiphertextBlob": moved["CiphertextBlob"]})
		fieldsAre(opened, params{"Plaintext": "old", "KeyVersionId": s.metadata(key["KeyId"].(string))["PrimaryKeyVersion"]})
	})
	s.check("ListKeyVersions and DescribeKeyVersion agree", func() {
		alias := "alias/" + s.id + "/versions"
		s.call("CreateAlias", params{"AliasName": alias, "KeyId": key["KeyId"]})
		s.call("CreateKeyVersion", params{"KeyId": alias})
		seen := map[any]bool{}
		for number := 1; number <= 3; number++ {
			page := s.call("ListKeyVersions", with(key, params{"PageNumber": number, "PageSize": 1}))
			fieldsAre(page, params{"PageNumber": float64(number), "PageSize": 1.0, "TotalCount": 3.0})
			entry := list(page, "KeyVersions", "KeyVersion")[0]
			seen[entry["KeyVersionId"]] = true
			for _, name := range []any{key["KeyId"], alias} {
				described := s.call("DescribeKeyVersion", params{"KeyId": name, "KeyVersionId": entry["KeyVersionId"]})["KeyVersion"]
				equal(described, entry, "KeyVersion")
			}
		}
		holds(len(seen) == 3 && seen[first], "the pages show %d versions", len(seen))
		all := s.call("ListKeyVersions", params{"KeyId": alias})
		fieldsAre(all, params{"PageNumber": 1.0, "PageSize": 10.0, "TotalCount": 3.0})
		equal(len(list(s.call("ListKeyVersions", with(key, params{"PageNumber": 2})), "KeyVersions", "KeyVersion")), 0, "entries beyond")
	})
	s.check("wrong pages, keys and versions are refused", func() {
		for _, size := range []int{0, 101} {
			s.refused(400, "InvalidParameter", "ListKeyVersions", with(key, params{"PageSize": size}))
		}
		for _, action := range []string{"CreateKeyVersion", "ListKeyVersions"} {
			s.refused(404, "Forbidden.KeyNotFound", action, params{"KeyId": unknownKey})
			s.refused(404, "Forbidden.AliasNotFound", action, params{"KeyId": "alias/there-is-no-such-alias"})
			s.refused(400, "MissingKeyId", action, nil)
		}
		for _, version := range []any{"00000000-0000-4000-8000-000000000000", s.key["PrimaryKeyVersion"]} {
			s.refused(404, "Forbidden.KeyVersionNotFound", "DescribeKeyVersion", with(key, params{"KeyVersionId": version}))
		}
		s.refused(404, "Forbidden.KeyNotFound", "DescribeKeyVersion", params{"KeyId": unknownKey, "KeyVersionId": first})
		s.refused(400, "MissingKeyVersionId", "DescribeKeyVersion", key)
	})
	s.check("a key pair takes its next version after seven days only", func() {
		p := s.pair("EC_P256", "SIGN/VERIFY")
		s.refused(400, "Rejected.UnsupportedOperation", "CreateKeyVersion", params{"KeyId": p.id})
		version := s.call("DescribeKeyVersion", p.named(nil))["KeyVersion"].(answer)
		p.answeredBy(version)
	})
}

func (s *suite) rotationPolicies() {
	var id string
	if !s.check("CreateKey with automatic rotation", func() {
		made := s.newKey(params{"EnableAutomaticRotation": true, "RotationInterval": "365d"})
		id = made["KeyId"].(string)
		s.rotates(made, 365*24*time.Hour)
		s.rotates(s.metadata(id), 365*24*time.Hour)
	}) {
		return
	}
	key := params{"KeyId": id}
	on := func(interval string) params {
		return with(key, params{"EnableAutomaticRotation": true, "RotationInterval": interval})
	}
	for interval, days := range map[string]int{"7d": 7, "168h": 7, "10080m": 7, "604800s": 7, "730d": 730, "8784h": 366} {
		s.check("UpdateRotationPolicy to "+interval, func() {
			s.call("UpdateRotationPolicy", on(interval))
			s.rotates(s.metadata(id), time.Duration(days)*24*time.Hour)
		})
	}
	s.check("a disabled key suspends its rotation", func() {
		s.call("DisableKey", key)
		metadata := s.metadata(id)
		equal(metadata["AutomaticRotation"], "Suspended", "AutomaticRotation")
		holds(metadata["RotationInterval"] != nil, "no RotationInterval")
		s.refused(409, "Rejected.Disabled", "UpdateRotationPolicy", on("7d"))
		s.call("EnableKey", key)
		equal(s.metadata(id)["AutomaticRotation"], "Enabled", "AutomaticRotation")
	})
	s.check("UpdateRotationPolicy switches rotation off", func() {
		s.call("UpdateRotationPolicy", with(key, params{"EnableAutomaticRotation": false}))
		metadata := s.metadata(id)
		equal(metadata["AutomaticRotation"], "Disabled", "AutomaticRotation")
		empty(metadata, "RotationInterval", "NextRotationDate")
	})
	for _, interval := range []string{"6d", "731d", "167h", "604799s", "7", "7w", "-7d", "7.5d", "d", "7 d", "99999999999999999999d"} {
		s.refuses("UpdateRotationPolicy to "+interval, 400, "InvalidParameter", "UpdateRotationPolicy", on(interval))
	}
	s.check("CreateKey with a bad interval is refused", func() {
		for _, interval := range []string{"6d", "731d", "7"} {
			s.refused(400, "InvalidParameter", "CreateKey", params{"EnableAutomaticRotation": true, "RotationInterval": interval})
		}
	})
	s.check("UpdateRotationPolicy without its parameters is refused", func() {
		s.refused(400, "MissingKeyId", "UpdateRotationPolicy", params{"EnableAutomaticRotation": false})
		s.refused(400, "MissingEnableAutomaticRotation", "UpdateRotationPolicy", key)
		s.refused(400, "MissingParameter", "UpdateRotationPolicy", with(key, params{"EnableAutomaticRotation": true}))
		s.refused(404, "Forbidden.KeyNotFound", "UpdateRotationPolicy", with(on("7d"), params{"KeyId": unknownKey}))
		s.refused(400, "Unsupported.Alias", "UpdateRotationPolicy", with(on("7d"), params{"KeyId": s.alias}))
	})
	s.check("keys that cannot rotate refuse a policy", func() {
		external := s.newKeyID(params{"Origin": "EXTERNAL"})
		for _, id := range []string{s.pair("RSA_2048", "SIGN/VERIFY").id, s.macKeys["HMAC_SHA_256"], external} {
			s.refused(400, "Rejected.UnsupportedOperation", "UpdateRotationPolicy", with(on("7d"), params{"KeyId": id}))
		}
		s.refused(400, "Rejected.UnsupportedOperation", "CreateKeyVersion", params{"KeyId": external})
	})
}

func (s *suite) rotates(metadata answer, interval time.Duration) {
	equal(metadata["AutomaticRotation"], "Enabled", "AutomaticRotation")
	equal(metadata["RotationInterval"], fmt.Sprintf("%ds", int(interval.Seconds())), "RotationInterval")
	last, _ := time.Parse(time.RFC3339, metadata["LastRotationDate"].(string))
	equal(metadata["NextRotationDate"], last.Add(interval).Format("2006-01-02T15:04:05Z"), "NextRotationDate")
}
