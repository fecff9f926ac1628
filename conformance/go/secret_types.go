package main

import (
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"
)

// secretType is a rotating type, with a value and settings that it takes.
type secretType struct {
	name, prefix, data, shown string
	config                    params
	// badData and badConfig are what it refuses: other values, and changes of the settings (nil takes one away).
	badData   []string
	badConfig map[string]params
}

func (s *suite) secretTypes() []secretType {
	region := s.facts.Region
	oneAccount := `{"Accounts":[{"AccountName":"app","AccountPassword":"First-Pass-1"}]}`
	twoAccounts := `{"Accounts":[{"AccountName":"app","AccountPassword":"First-Pass-1"},{"AccountName":"app_clone","AccountPassword":"Second-Pass-2"}]}`
	shownAccount := `{"AccountName":"app","AccountPassword":"First-Pass-1"}`
	badAccounts := []string{
		"no JSON", `{"Accounts":[]}`, `{"Accounts":[{"AccountName":"app"}]}`, `{"AccountName":"app","AccountPassword":"x"}`,
	}
	unknownKind := params{"SecretSubType": "ManyUsers"}
	keys := sshLogin()
	return []secretType{
		{"Rds", s.id, oneAccount, shownAccount, params{"SecretSubType": "SingleUser", "DBInstanceId": "rm-bp1a2b3c4d5e6f7g8"}, badAccounts,
			map[string]params{"without an instance": {"DBInstanceId": nil}, "of an unknown kind": unknownKind, "without a kind": {"SecretSubType": nil}}},
		{"Rds", s.id, twoAccounts, shownAccount, params{"SecretSubType": "DoubleUsers", "DBInstanceId": "rm-bp1a2b3c4d5e6f7g8"}, badAccounts, nil},
		{"ECS", "acs/ecs/" + s.id, `{"UserName":"root","Password":"Pass-Word-1"}`, `{"UserName":"root","Password":"Pass-Word-1"}`,
			params{"SecretSubType": "Password", "RegionId": region, "InstanceId": "i-bp1a2b3c4d5e6f7g8h9i"},
			[]string{"no JSON", `{"UserName":"root"}`, `{"UserName":"root","PublicKey":"x","PrivateKey":"y"}`},
			map[string]params{"without an instance": {"InstanceId": nil}, "without a region": {"RegionId": nil}, "of an unknown kind": unknownKind}},
		{"ECS", "acs/ecs/" + s.id, keys, keys, params{"SecretSubType": "SSHKey", "RegionId": region, "InstanceId": "i-bp1a2b3c4d5e6f7g8h9i"},
			[]string{`{"UserName":"root","Password":"Pass-Word-1"}`, `{"UserName":"root","PublicKey":"x","PrivateKey":"y"}`}, nil},
	}
}

var sshLogin = sync.OnceValue(keyLogin)

// keyLogin is the login of an SSH user: an OpenSSH public key and the PEM of the private one.
func keyLogin() string {
	key := newWrapKey("RSA_2048", 2048).rsa
	blob := []byte{}
	for _, part := range [][]byte{[]byte("ssh-rsa"), big.NewInt(int64(key.E)).Bytes(), append([]byte{0}, key.N.Bytes()...)} {
		blob = binary.BigEndian.AppendUint32(blob, uint32(len(part)))
		blob = append(blob, part...)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	holds(err == nil, "no PKCS#8: %v", err)
	text, _ := json.Marshal(params{
		"UserName": "root", "PublicKey": "ssh-rsa " + encode(blob),
		"PrivateKey": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
	})
	return string(text)
}

// params are those of CreateSecret; extra ones come on top.
func (t secretType) params(name string, extra params) params {
	return with(params{
		"SecretName": t.prefix + "/" + name, "VersionId": "v1", "SecretType": t.name, "SecretData": t.data, "ExtendedConfig": t.config,
	}, extra)
}

func sameJSON(seen any, expected string, what string) {
	var a, b any
	text, _ := seen.(string)
	holds(json.Unmarshal([]byte(text), &a) == nil, "%s is no JSON: %v", what, seen)
	holds(json.Unmarshal([]byte(expected), &b) == nil, "%s expected is no JSON", what)
	equal(a, b, what)
}

// rotatingSecrets makes secrets of the types whose systems need no target to be configured, and reads them.
func (s *suite) rotatingSecrets() {
	for number, t := range s.secretTypes() {
		kind := fmt.Sprintf("%s %s", t.name, t.config["SecretSubType"])
		name := strings.ToLower(fmt.Sprintf("%s-%d", t.name, number))
		secret := params{"SecretName": t.prefix + "/" + name}
		config, _ := json.Marshal(with(t.config, params{"CustomData": params{}}))
		made := s.check("CreateSecret of type "+kind, func() {
			got := s.call("CreateSecret", t.params(name, nil))
			fieldsAre(got, params{"SecretName": secret["SecretName"], "SecretType": t.name, "VersionId": "v1", "AutomaticRotation": "Disabled",
				"Arn": s.arn("secret/", secret["SecretName"].(string))})
			sameJSON(got["ExtendedConfig"], string(config), "ExtendedConfig")
			empty(got, "NextRotationDate", "RotationInterval")
		})
		if made {
			s.rotatingSecret(kind, secret, t, string(config))
		}
		s.check("CreateSecret of type "+kind+" with a bad value is refused", func() {
			for _, data := range t.badData {
				s.refused(400, "InvalidParameter", "CreateSecret", t.params(name+"-bad", params{"SecretData": data}))
			}
			s.refused(400, "InvalidParameter", "CreateSecret", t.params(name+"-bad", params{"SecretDataType": "binary"}))
		})
		s.check("CreateSecret of type "+kind+" with bad settings is refused", func() {
			for _, changed := range t.badConfig {
				config := with(t.config, changed)
				for name, value := range config {
					if value == nil {
						delete(config, name)
					}
				}
				s.refused(400, "InvalidParameter", "CreateSecret", t.params(name+"-bad", params{"ExtendedConfig": config}))
			}
			long := with(t.config, params{"CustomData": params{"a": strings.Repeat("x", 1024)}})
			s.refused(400, "InvalidParameter", "CreateSecret", t.params(name+"-bad", params{"ExtendedConfig": long}))
			eleven := params{}
			for number := range 11 {
				eleven[fmt.Sprint(number)] = "x"
			}
			for _, custom := range []any{eleven, "x"} {
				s.refused(400, "InvalidParameter", "CreateSecret", t.params(name+"-bad", params{"ExtendedConfig": with(t.config, params{"CustomData": custom})}))
			}
			bare := t.params(name+"-bad", nil)
			delete(bare, "ExtendedConfig")
			s.refused(400, "MissingParameter", "CreateSecret", bare)
		})
	}
	s.check("CreateSecret of an unknown type is refused", func() {
		s.refused(400, "InvalidParameter", "CreateSecret", params{"SecretName": s.id + "/type", "VersionId": "v1", "SecretData": "x", "SecretType": "Oracle"})
	})
	s.check("names that a type does not allow are refused", func() {
		types := s.secretTypes()
		s.refused(400, "InvalidParameter", "CreateSecret", types[0].params("x", params{"SecretName": "acs/" + s.id}))
		s.refused(400, "InvalidParameter", "CreateSecret", types[2].params("x", params{"SecretName": s.id + "/ecs"}))
	})
	s.check("CreateSecret with a bad rotation interval is refused", func() {
		t := s.secretTypes()[0]
		for _, interval := range []string{"5h", "366d", "8761h", "7", "7w"} {
			s.refused(400, "InvalidParameter", "CreateSecret", t.params("bad", params{"EnableAutomaticRotation": true, "RotationInterval": interval}))
		}
		s.refused(400, "MissingParameter", "CreateSecret", t.params("bad", params{"EnableAutomaticRotation": true}))
	})
	s.accountSecrets()
	s.userSecrets()
}

// accountSecrets are those whose logins the service draws itself. Their systems are none that the server knows, so the
// accounts cannot be made there.
func (s *suite) accountSecrets() {
	redis := params{
		"SecretSubType": "DoubleUsers", "RegionId": s.facts.Region, "InstanceId": "r-bp1a2b3c4d5e6f7g8", "AccountName": "app",
		"CloneAccountName": "app_clone", "AccountPrivilege": "RoleReadWrite",
	}
	polardb := params{
		"SecretSubType": "DoubleUsers", "RegionId": s.facts.Region, "DBClusterId": "pc-bp1a2b3c4d5e6f7g8", "DBType": "PostgreSQL",
		"AccountName": "app", "CloneAccountName": "app_clone", "AccountType": "Normal",
	}
	create := func(kind, data string, config, changed params) params {
		config = with(config, changed)
		for name, value := range config {
			if value == nil {
				delete(config, name)
			}
		}
		name := s.id + "/" + strings.ToLower(kind)
		return params{"SecretName": name, "VersionId": "v1", "SecretType": kind, "SecretData": data, "ExtendedConfig": config}
	}
	for kind, config := range map[string]params{"Redis": redis, "PolarDB": polardb} {
		s.check("a secret of type "+kind+" holds logins that the service drew", func() {
			p := create(kind, "$Auto", config, nil)
			equal(s.call("CreateSecret", p)["SecretType"], kind, "SecretType")
			passwords := map[string]bool{}
			for stage, account := range map[string]string{"ACSCurrent": "app", "ACSPrevious": "app_clone"} {
				got := s.call("GetSecretValue", params{"SecretName": p["SecretName"], "VersionStage": stage})
				var login struct{ AccountName, AccountPassword string }
				holds(json.Unmarshal([]byte(got["SecretData"].(string)), &login) == nil, "the value is no JSON")
				equal(login.AccountName, account, "AccountName")
				passwords[login.AccountPassword] = true
			}
			holds(len(passwords) == 2 && !passwords[""], "the two passwords do not differ")
		})
	}
	for what, p := range map[string]params{
		"Redis with a value of its own":         create("Redis", `{"AccountName":"app","AccountPassword":"x"}`, redis, nil),
		"Redis with one user":                   create("Redis", "$Auto", redis, params{"SecretSubType": "SingleUser"}),
		"Redis without an instance":             create("Redis", "$Auto", redis, params{"InstanceId": nil}),
		"PolarDB with a value of its own":       create("PolarDB", `{"AccountName":"app","AccountPassword":"x"}`, polardb, nil),
		"PolarDB without a database type":       create("PolarDB", "$Auto", polardb, params{"DBType": nil}),
		"PolarDB of an unknown database type":   create("PolarDB", "$Auto", polardb, params{"DBType": "Oracle"}),
		"PolarDB without its cluster":           create("PolarDB", "$Auto", polardb, params{"DBClusterId": nil}),
		"PolarDB whose two accounts are one":    create("PolarDB", "$Auto", polardb, params{"CloneAccountName": "app"}),
		"Redis without an account":              create("Redis", "$Auto", redis, params{"AccountName": nil}),
		"Redis of an unknown account privilege": create("Redis", "$Auto", redis, params{"AccountPrivilege": "Everything"}),
	} {
		p["SecretName"] = s.id + "/wrong"
		s.refuses("CreateSecret of type "+what, 400, "InvalidParameter", "CreateSecret", p)
	}
}

// userSecrets are the AccessKeys of RAM users.
func (s *suite) userSecrets() {
	user := "user-" + s.id
	keys := `{"AccessKeys":[{"AccessKeyId":"LTAI5tFirstFirstFirstFir","AccessKeySecret":"first"}]}`
	p := params{
		"SecretName": "$Auto", "VersionId": "v1", "SecretType": "RAMCredentials", "SecretData": keys,
		"ExtendedConfig": params{"SecretSubType": "RamUserAccessKey", "UserName": user},
	}
	s.check("a secret of type RAMCredentials is named by the service", func() {
		got := s.call("CreateSecret", p)
		name := params{"SecretName": "acs/ram/user/" + user}
		equal(got["SecretName"], name["SecretName"], "SecretName")
		value := s.call("GetSecretValue", name)
		var login map[string]any
		holds(json.Unmarshal([]byte(value["SecretData"].(string)), &login) == nil, "the value is no JSON")
		fieldsAre(login, params{"AccessKeyId": "LTAI5tFirstFirstFirstFir", "AccessKeySecret": "first"})
		matches(timeForm, login["GenerateTimestamp"], "GenerateTimestamp")
		s.refused(409, "Rejected.ResourceExist", "CreateSecret", p)
	})
	for what, changed := range map[string]params{
		"without a user":        {"ExtendedConfig": params{"SecretSubType": "RamUserAccessKey"}},
		"of an unknown kind":    {"ExtendedConfig": params{"SecretSubType": "RamRole", "UserName": user}},
		"without an AccessKey":  {"SecretData": `{"AccessKeys":[]}`},
		"without a secret":      {"SecretData": `{"AccessKeys":[{"AccessKeyId":"a"}]}`},
		"with a name of others": {"SecretName": s.id + "/ram"},
	} {
		s.refuses("CreateSecret of type RAMCredentials "+what, 400, "InvalidParameter", "CreateSecret", with(p, changed))
	}
}

// rotatingSecret reads, updates and schedules one secret of a rotating type.
func (s *suite) rotatingSecret(kind string, secret params, t secretType, config string) {
	s.check("GetSecretValue of type "+kind, func() {
		got := s.call("GetSecretValue", with(secret, params{"FetchExtendedConfig": true}))
		fieldsAre(got, params{"SecretType": t.name, "SecretDataType": "text", "AutomaticRotation": "Disabled", "VersionId": "v1"})
		sameJSON(got["SecretData"], t.shown, "SecretData")
		sameJSON(got["ExtendedConfig"], config, "ExtendedConfig")
		empty(s.call("GetSecretValue", secret), "ExtendedConfig")
		s.refused(404, "Forbidden.ResourceNotFound", "GetSecretValue", with(secret, params{"VersionStage": "blue"}))
	})
	s.check("BatchGetSecretValue of type "+kind, func() {
		got := s.call("BatchGetSecretValue", params{"SecretsList": []params{with(secret, params{"FetchExtendedConfig": "true"})}})
		value := got["SecretValues"].([]any)[0].(answer)
		fieldsAre(value, params{"SecretName": secret["SecretName"], "SecretType": t.name, "AutomaticRotation": "Disabled"})
		sameJSON(value["ExtendedConfig"], config, "ExtendedConfig")
	})
	s.check("DescribeSecret of type "+kind, func() {
		got := s.call("DescribeSecret", secret)
		fieldsAre(got, params{"SecretType": t.name, "AutomaticRotation": "Disabled"})
		sameJSON(got["ExtendedConfig"], config, "ExtendedConfig")
	})
	s.check("UpdateSecret of type "+kind+" replaces CustomData", func() {
		s.call("UpdateSecret", with(secret, params{"ExtendedConfig": params{"CustomData": params{"team": "blue"}}}))
		var seen answer
		_ = json.Unmarshal([]byte(s.call("DescribeSecret", secret)["ExtendedConfig"].(string)), &seen)
		equal(seen["CustomData"], map[string]any{"team": "blue"}, "CustomData")
		equal(seen["SecretSubType"], t.config["SecretSubType"], "SecretSubType")
	})
	s.check("what only generic secrets do is refused for "+kind, func() {
		s.refused(400, "Rejected.UnsupportedOperation", "PutSecretValue", with(secret, params{"VersionId": "v2", "SecretData": t.data}))
		s.refused(400, "Rejected.UnsupportedOperation", "UpdateSecretVersionStage", with(secret, params{"VersionStage": "blue", "MoveToVersion": "v1"}))
	})
	s.check("UpdateSecretRotationPolicy of type "+kind, func() {
		on := func(interval string) params {
			return with(secret, params{"EnableAutomaticRotation": true, "RotationInterval": interval})
		}
		for interval, seconds := range map[string]int{"6h": 6 * 3600, "7d": 7 * 86400, "365d": 365 * 86400, "21600s": 21600} {
			s.call("UpdateSecretRotationPolicy", on(interval))
			got := s.call("DescribeSecret", secret)
			// A secret whose system the server does not know cannot be rotated.
			holds(got["AutomaticRotation"] == "Enabled" || got["AutomaticRotation"] == "Invalid", "AutomaticRotation is %v", got["AutomaticRotation"])
			equal(got["RotationInterval"], fmt.Sprintf("%ds", seconds), "RotationInterval")
			if next, found := got["NextRotationDate"]; found && next != "" {
				matches(timeForm, next, "NextRotationDate")
				due, _ := time.Parse(time.RFC3339, next.(string))
				holds(time.Until(due) < time.Duration(seconds)*time.Second+time.Minute, "NextRotationDate is %v", next)
			}
		}
		for _, interval := range []string{"5h", "366d", "8761h", "7", "7w", "-7d"} {
			s.refused(400, "InvalidParameter", "UpdateSecretRotationPolicy", on(interval))
		}
		s.refused(400, "MissingParameter", "UpdateSecretRotationPolicy", with(secret, params{"EnableAutomaticRotation": true}))
		s.call("UpdateSecretRotationPolicy", with(secret, params{"EnableAutomaticRotation": false}))
		got := s.call("DescribeSecret", secret)
		equal(got["AutomaticRotation"], "Disabled", "AutomaticRotation")
		empty(got, "NextRotationDate")
	})
	s.check("RotateSecret of type "+kind+" with a known version changes nothing", func() {
		got := s.call("RotateSecret", with(secret, params{"VersionId": "v1"}))
		fieldsAre(got, params{"SecretName": secret["SecretName"], "VersionId": "v1", "Arn": s.arn("secret/", secret["SecretName"].(string))})
		sameJSON(s.call("GetSecretValue", secret)["SecretData"], t.shown, "SecretData")
	})
}

// genericRotation asks for the rotation of secrets that only their users change.
func (s *suite) genericRotation() {
	secret := params{"SecretName": s.secret}
	on := params{"EnableAutomaticRotation": true, "RotationInterval": "7d"}
	s.check("the rotation of a generic secret is refused", func() {
		s.refused(400, "Rejected.UnsupportedOperation", "RotateSecret", with(secret, params{"VersionId": "rotated"}))
		s.refused(400, "Rejected.UnsupportedOperation", "UpdateSecretRotationPolicy", with(secret, on))
		s.refused(400, "UnsupportedOperation", "CreateSecret", with(on, params{"SecretName": s.id + "/no", "VersionId": "v1", "SecretData": "x"}))
	})
	s.check("the rotation of nothing is refused", func() {
		none := params{"SecretName": s.id + "/none"}
		s.refused(404, "Forbidden.ResourceNotFound", "RotateSecret", with(none, params{"VersionId": "v2"}))
		s.refused(404, "Forbidden.ResourceNotFound", "UpdateSecretRotationPolicy", with(none, on))
		s.refused(400, "MissingVersionId", "RotateSecret", secret)
		s.refused(400, "MissingEnableAutomaticRotation", "UpdateSecretRotationPolicy", secret)
		s.refused(400, "MissingSecretName", "RotateSecret", params{"VersionId": "v2"})
	})
}

// secretFilters narrows every list by a tag of its own.
func (s *suite) secretFilters() {
	tag := s.id + "/filter"
	tagged := func(value string) params { return params{"Tags": asTags(map[string]string{tag: value})} }
	var generic, other, rds params
	if !s.check("CreateSecret for filters", func() {
		generic = s.newSecret("filter-one", with(tagged("one"), params{"Description": "for the shop of " + s.id}))
		other = s.newSecret("filter-two", tagged("two"))
		t := s.secretTypes()[0]
		s.call("CreateSecret", t.params("filter-rds", tagged("three")))
		rds = params{"SecretName": t.prefix + "/filter-rds"}
	}) {
		return
	}
	for name, c := range map[string]struct {
		pairs    [][]string
		expected []params
	}{
		"TagKey":                         {nil, []params{generic, other, rds}},
		"TagValue":                       {[][]string{{"TagValue", "one", "three"}}, []params{generic, rds}},
		"part of the SecretName":         {[][]string{{"SecretName", s.id + "/filter-"}}, []params{generic, other, rds}},
		"part of the Description":        {[][]string{{"Description", "the shop"}}, []params{generic}},
		"SecretType":                     {[][]string{{"SecretType", "Generic"}}, []params{generic, other}},
		"SecretType in upper case":       {[][]string{{"SecretType", "RDS"}}, []params{rds}},
		"DKMSInstanceId":                 {[][]string{{"DKMSInstanceId", "kst-hzz62d8f5e0sgtx8habcd"}}, nil},
		"Creator":                        {[][]string{{"Creator", s.facts.Account}}, []params{generic, other, rds}},
		"two keys that must both match":  {[][]string{{"SecretType", "Generic"}, {"TagValue", "two"}}, []params{other}},
		"one key given twice, which ORs": {[][]string{{"TagValue", "one"}, {"TagValue", "two"}}, []params{generic, other}},
	} {
		s.check("ListSecrets by "+name, func() {
			filters := []params{{"Key": "TagKey", "Values": []string{tag}}}
			for _, pair := range c.pairs {
				filters = append(filters, params{"Key": pair[0], "Values": pair[1:]})
			}
			text, _ := json.Marshal(filters)
			got := s.call("ListSecrets", params{"Filters": string(text)})
			seen := map[any]bool{}
			for _, entry := range list(got, "SecretList", "Secret") {
				seen[entry["SecretName"]] = true
			}
			equal(got["TotalCount"], len(c.expected), "TotalCount")
			for _, secret := range c.expected {
				holds(seen[secret["SecretName"]], "%v is missing", secret["SecretName"])
			}
		})
	}
	s.check("ListSecrets by bad filters is refused", func() {
		for _, text := range []string{"no JSON", `[{"Key":"Colour","Values":["blue"]}]`, `{"Key":"SecretName","Values":["x"]}`} {
			s.refused(400, "InvalidParameter", "ListSecrets", params{"Filters": text})
		}
	})
}
