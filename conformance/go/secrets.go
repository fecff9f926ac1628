package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

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
