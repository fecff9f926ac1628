package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// policy is a policy text of one statement; changed replaces parts of the statement.
func policy(changed params) string {
	statement := with(params{
		"Sid": "kms default key policy", "Effect": "Allow", "Principal": params{"RAM": []string{"acs:ram::123456789012:*"}},
		"Action": []string{"kms:*"}, "Resource": []string{"*"},
	}, changed)
	for name, part := range statement {
		if part == nil {
			delete(statement, name)
		}
	}
	text, _ := json.Marshal(params{"Version": "1", "Statement": []params{statement}})
	return string(text)
}

// policies walks the policy operations of keys or of secrets, which have one grammar.
func (s *suite) policies(kind string, resource, unknown params, missing string) {
	set, get := "Set"+kind+"Policy", "Get"+kind+"Policy"
	read := func(p params) (parsed any) {
		text := s.call(get, with(resource, p))["Policy"].(string)
		holds(json.Unmarshal([]byte(text), &parsed) == nil, "the policy is no JSON: %s", text)
		return parsed
	}
	asJSON := func(text string) (parsed any) {
		holds(json.Unmarshal([]byte(text), &parsed) == nil, "no JSON: %s", text)
		return parsed
	}
	s.check(get+" gives the default policy first", func() {
		expected := policy(params{
			"Sid":       "kms default " + strings.ToLower(kind) + " policy",
			"Principal": params{"RAM": []string{"acs:ram::" + s.facts.Account + ":*"}},
		})
		equal(read(nil), asJSON(expected), "Policy")
		equal(read(params{"PolicyName": "default"}), asJSON(expected), "Policy")
	})
	s.check(set+" replaces the policy", func() {
		own := "acs:ram::" + s.facts.Account + ":"
		for _, text := range []string{
			policy(params{"Principal": params{"RAM": []string{own + "*"}}}),
			policy(params{"Principal": params{"RAM": own + "root"}, "Action": "kms:*", "Resource": "*", "Sid": nil}),
			policy(params{
				"Principal": params{"RAM": []string{own + "*", own + "user/eve", own + "role/app"}},
				"Condition": params{"IpAddress": params{"acs:SourceIp": []string{"192.0.2.0/24", "198.51.100.7"}}},
			}),
		} {
			s.call(set, with(resource, params{"Policy": text}))
			equal(read(nil), asJSON(text), "Policy")
			s.call(set, with(resource, params{"Policy": text, "PolicyName": "default"}))
		}
	})
	for name, text := range map[string]string{
		"that is no JSON":            "{",
		"that is a list":             "[]",
		"without a version":          `{"Statement":[]}`,
		"of another version":         strings.Replace(policy(nil), `"Version":"1"`, `"Version":"2"`, 1),
		"with an unknown effect":     policy(params{"Effect": "Permit"}),
		"without an effect":          policy(params{"Effect": nil}),
		"without a principal":        policy(params{"Principal": nil}),
		"with a strange principal":   policy(params{"Principal": params{"RAM": []string{"everybody"}}}),
		"with an unknown principal":  policy(params{"Principal": params{"Service": []string{"kms.aliyuncs.com"}}}),
		"without an action":          policy(params{"Action": nil}),
		"with an action of another":  policy(params{"Action": []string{"oss:GetObject"}}),
		"with another resource":      policy(params{"Resource": []string{"acs:kms:*:*:key/other"}}),
		"with a bad sid":             policy(params{"Sid": "a#b"}),
		"with a long sid":            policy(params{"Sid": strings.Repeat("s", 129)}),
		"with an unknown operator":   policy(params{"Condition": params{"StringMatches": params{"acs:SourceVpc": "vpc-1"}}}),
		"with a number as condition": policy(params{"Condition": "none"}),
		"of more than 32768 bytes": policy(params{
			"Condition": params{"StringEquals": params{"acs:SourceVpc": strings.Repeat("v", 32768)}},
		}),
	} {
		s.refuses(set+" of a policy "+name, 400, "InvalidParameter", set, with(resource, params{"Policy": text}))
	}
	s.check("the policy of another name, and of nothing, is refused", func() {
		own := policy(params{"Principal": params{"RAM": []string{"acs:ram::" + s.facts.Account + ":*"}}})
		s.refused(404, "Forbidden.ResourceNotFound", get, with(resource, params{"PolicyName": "other"}))
		s.refused(404, "Forbidden.ResourceNotFound", set, with(resource, params{"PolicyName": "other", "Policy": own}))
		s.refused(404, missing, get, unknown)
		s.refused(404, missing, set, with(unknown, params{"Policy": own}))
		s.refused(400, "MissingPolicy", set, resource)
		for name := range resource {
			s.refused(400, "Missing"+name, get, nil)
			s.refused(400, "Missing"+name, set, params{"Policy": own})
		}
	})
}

func (s *suite) keyPolicies() {
	id := ""
	if !s.check("CreateKey for policies", func() { id = s.newKeyID(nil) }) {
		return
	}
	s.policies("Key", params{"KeyId": id}, params{"KeyId": unknownKey}, "Forbidden.KeyNotFound")
	s.check("key policies take an ARN and no alias", func() {
		s.call("GetKeyPolicy", params{"KeyId": s.arn("key/", id)})
		s.refused(400, "Unsupported.Alias", "GetKeyPolicy", params{"KeyId": s.alias})
		s.refused(400, "Unsupported.Alias", "SetKeyPolicy", params{"KeyId": s.alias, "Policy": policy(nil)})
	})
	s.check("CreateKey with a policy", func() {
		text := policy(params{"Principal": params{"RAM": []string{"acs:ram::" + s.facts.Account + ":*"}}, "Sid": "from the start"})
		made := s.newKeyID(params{"Policy": text})
		var seen, expected any
		_ = json.Unmarshal([]byte(s.call("GetKeyPolicy", params{"KeyId": made})["Policy"].(string)), &seen)
		_ = json.Unmarshal([]byte(text), &expected)
		equal(seen, expected, "Policy")
		s.refused(400, "InvalidParameter", "CreateKey", params{"Policy": "{"})
	})
}

// keyFilters narrows every list by a tag of its own, so that what else is in the account does not matter.
func (s *suite) keyFilters() {
	tag := s.id + "/filter"
	tagged := func(value string, p params) params {
		return with(p, params{"Tags": asTags(map[string]string{tag: value})})
	}
	var aes, sm4, ec, external string
	alias := "alias/" + s.id + "/filtered"
	if !s.check("CreateKey for filters", func() {
		aes = s.newKeyID(tagged("one", nil))
		sm4 = s.newKeyID(tagged("two", params{"KeySpec": "Aliyun_SM4", "ProtectionLevel": "HSM"}))
		ec = s.newKeyID(tagged("three", params{"KeySpec": "EC_P256"}))
		external = s.newKeyID(tagged("four", params{"Origin": "EXTERNAL"}))
		s.call("DisableKey", params{"KeyId": sm4})
		s.call("CreateAlias", params{"AliasName": alias, "KeyId": ec})
	}) {
		return
	}
	filter := func(pairs ...[]string) string {
		filters := []params{}
		for _, pair := range pairs {
			filters = append(filters, params{"Key": pair[0], "Values": pair[1:]})
		}
		text, _ := json.Marshal(filters)
		return string(text)
	}
	own := []string{"TagKey", tag}
	for name, c := range map[string]struct {
		pairs    [][]string
		expected []string
	}{
		"TagKey":                         {nil, []string{aes, sm4, ec, external}},
		"TagValue":                       {[][]string{{"TagValue", "one", "three"}}, []string{aes, ec}},
		"KeyState":                       {[][]string{{"KeyState", "Disabled", "PendingImport"}}, []string{sm4, external}},
		"KeySpec":                        {[][]string{{"KeySpec", "Aliyun_SM4", "EC_P256"}}, []string{sm4, ec}},
		"KeyUsage":                       {[][]string{{"KeyUsage", "SIGN/VERIFY"}}, []string{ec}},
		"ProtectionLevel":                {[][]string{{"ProtectionLevel", "HSM"}}, []string{sm4}},
		"CreatorType User":               {[][]string{{"CreatorType", "User"}}, []string{aes, sm4, ec, external}},
		"CreatorType Service":            {[][]string{{"CreatorType", "Service"}}, nil},
		"Creator":                        {[][]string{{"Creator", s.facts.Account}}, []string{aes, sm4, ec, external}},
		"another Creator":                {[][]string{{"Creator", "1"}}, nil},
		"DKMSInstanceId":                 {[][]string{{"DKMSInstanceId", "kst-hzz62d8f5e0sgtx8habcd"}}, nil},
		"keyId":                          {[][]string{{"keyId", aes, ec}}, []string{aes, ec}},
		"AliasName":                      {[][]string{{"AliasName", alias}}, []string{ec}},
		"two keys that must both match":  {[][]string{{"KeyState", "Enabled"}, {"KeySpec", "Aliyun_AES_256", "Aliyun_SM4"}}, []string{aes}},
		"one key given twice, which ORs": {[][]string{{"KeySpec", "Aliyun_SM4"}, {"KeySpec", "EC_P256"}}, []string{sm4, ec}},
	} {
		s.check("ListKeys by "+name, func() {
			got := s.call("ListKeys", params{"Filters": filter(append(c.pairs, own)...), "PageSize": 100})
			seen := map[any]bool{}
			for _, entry := range list(got, "Keys", "Key") {
				seen[entry["KeyId"]] = true
			}
			equal(got["TotalCount"], len(c.expected), "TotalCount")
			equal(len(seen), len(c.expected), "number of keys")
			for _, id := range c.expected {
				holds(seen[id], "%s is missing", id)
			}
		})
	}
	values := []string{"TagValue"}
	for number := range 11 {
		values = append(values, fmt.Sprint(number))
	}
	pairs := [][]string{}
	for range 11 {
		pairs = append(pairs, own)
	}
	for name, text := range map[string]string{
		"an unknown key": filter([]string{"Colour", "blue"}), "eleven values": filter(values), "eleven pairs": filter(pairs...),
		"no list": `{"Key":"KeyState","Values":["Enabled"]}`, "a value that is no text": `[{"Key":"KeyState","Values":[1]}]`,
	} {
		s.refuses("ListKeys by "+name, 400, "InvalidParameter", "ListKeys", params{"Filters": text})
	}
	s.check("ListKeys by ten pairs and ten values", func() {
		got := s.call("ListKeys", params{"Filters": filter(append(pairs[:9], values[:11])...)})
		equal(got["TotalCount"], 0, "TotalCount")
	})
}
