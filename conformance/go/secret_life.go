package main

import (
	"fmt"
	"strings"
	"time"
)

func (s *suite) newSecret(name string, p params) params {
	named := params{"SecretName": s.id + "/" + name}
	s.call("CreateSecret", with(named, with(params{"VersionId": "v1", "SecretData": "one"}, p)))
	return named
}

// batches reads many secrets in one call.
func (s *suite) batches() {
	names := []string{}
	if !s.check("secrets for BatchGetSecretValue", func() {
		for number := range 21 {
			secret := s.newSecret(fmt.Sprintf("batch-%02d", number), params{"SecretData": fmt.Sprint("value ", number)})
			names = append(names, secret["SecretName"].(string))
		}
	}) {
		return
	}
	read := func(entries ...params) (values, failed map[string]answer) {
		got := s.call("BatchGetSecretValue", params{"SecretsList": entries})
		values, failed = map[string]answer{}, map[string]answer{}
		for _, entry := range got["SecretValues"].([]any) {
			values[entry.(answer)["SecretName"].(string)] = entry.(answer)
		}
		for _, entry := range got["Errors"].([]any) {
			failed[entry.(answer)["SecretName"].(string)] = entry.(answer)
		}
		return
	}
	entries := func(count int) (list []params) {
		for _, name := range names[:count] {
			list = append(list, params{"SecretName": name})
		}
		return
	}
	s.check("BatchGetSecretValue of 20 secrets", func() {
		values, failed := read(entries(20)...)
		equal(len(values), 20, "number of values")
		equal(len(failed), 0, "number of errors")
		for number, name := range names[:20] {
			entry := values[name]
			fieldsAre(entry, params{
				"SecretData": fmt.Sprint("value ", number), "SecretDataType": "text", "SecretType": "Generic", "VersionId": "v1",
			})
			equal(strings.Join(stages(entry), ","), "ACSCurrent", "VersionStages")
			matches(timeForm, entry["CreateTime"], "CreateTime")
			empty(entry, "ExtendedConfig", "NextRotationDate", "RotationInterval", "AutomaticRotation")
		}
	})
	s.check("BatchGetSecretValue tells what cannot be read beside what can", func() {
		s.call("PutSecretValue", params{"SecretName": names[1], "VersionId": "v2", "SecretData": "newer"})
		none := s.id + "/none"
		values, failed := read(
			params{"SecretName": names[0], "VersionId": "v1"}, params{"SecretName": names[1], "VersionStage": "ACSPrevious"},
			params{"SecretName": names[2], "VersionId": "v9"}, params{"SecretName": none}, params{"SecretName": s.arn("secret/", names[3])},
		)
		equal(values[names[0]]["SecretData"], "value 0", "SecretData")
		fieldsAre(values[names[1]], params{"SecretData": "value 1", "VersionId": "v1"})
		equal(values[names[3]]["SecretData"], "value 3", "SecretData by ARN")
		for _, name := range []string{names[2], none} {
			fieldsAre(failed[name], params{"Code": "Forbidden.ResourceNotFound", "HttpStatus": 404.0})
			holds(failed[name]["Message"] != "", "the error has no message")
		}
		equal(len(values)+len(failed), 5, "number of entries")
	})
	for name, list := range map[string]any{
		"21 secrets": entries(21), "a secret twice": append(entries(2), params{"SecretName": names[0], "VersionId": "v1"}),
		"nothing": []params{}, "no list": "secrets", "an entry without a name": []params{{"VersionId": "v1"}},
	} {
		s.refuses("BatchGetSecretValue of "+name, 400, "InvalidParameter", "BatchGetSecretValue", params{"SecretsList": list})
	}
}

// versionStages moves labels between the versions of a secret.
func (s *suite) versionStages() {
	var secret params
	put := func(version string, p params) {
		s.call("PutSecretValue", with(secret, with(params{"VersionId": version, "SecretData": "value of " + version}, p)))
	}
	if !s.check("a secret with three versions", func() {
		secret = s.newSecret("stages", nil)
		put("v2", nil)
		put("v3", params{"VersionStages": `["green"]`})
	}) {
		return
	}
	labels := func() map[string]string {
		held := map[string]string{}
		got := s.call("ListSecretVersionIds", with(secret, params{"IncludeDeprecated": "true"}))
		for _, version := range list(got, "VersionIds", "VersionId") {
			for _, stage := range stages(version) {
				held[stage] = version["VersionId"].(string)
			}
		}
		return held
	}
	update := func(stage string, to, from any) params {
		p := with(secret, params{"VersionStage": stage})
		for name, version := range map[string]any{"MoveToVersion": to, "RemoveFromVersion": from} {
			if version != nil {
				p[name] = version
			}
		}
		return p
	}
	for _, step := range []struct {
		name, stage string
		to, from    any
		expected    map[string]string
	}{
		{"adds a label", "blue", "v1", nil, map[string]string{"ACSCurrent": "v2", "ACSPrevious": "v1", "green": "v3", "blue": "v1"}},
		{"takes a label along", "blue", "v2", nil, map[string]string{"ACSCurrent": "v2", "ACSPrevious": "v1", "green": "v3", "blue": "v2"}},
		{"moves a label", "blue", "v3", "v2", map[string]string{"ACSCurrent": "v2", "ACSPrevious": "v1", "green": "v3", "blue": "v3"}},
		{"removes a label", "blue", nil, "v3", map[string]string{"ACSCurrent": "v2", "ACSPrevious": "v1", "green": "v3"}},
		{"moves ACSCurrent", "ACSCurrent", "v3", "v2", map[string]string{"ACSCurrent": "v3", "ACSPrevious": "v2", "green": "v3"}},
		{"moves ACSCurrent back", "ACSCurrent", "v2", nil, map[string]string{"ACSCurrent": "v2", "ACSPrevious": "v3", "green": "v3"}},
		{"moves ACSPrevious", "ACSPrevious", "v1", "v3", map[string]string{"ACSCurrent": "v2", "ACSPrevious": "v1", "green": "v3"}},
	} {
		s.check("UpdateSecretVersionStage "+step.name, func() {
			got := s.call("UpdateSecretVersionStage", update(step.stage, step.to, step.from))
			equal(got["SecretName"], secret["SecretName"], "SecretName")
			equal(labels(), step.expected, "labels")
			current := s.call("GetSecretValue", secret)
			equal(current["SecretData"], map[string]any{"v1": "one", "v2": "value of v2", "v3": "value of v3"}[step.expected["ACSCurrent"]], "SecretData")
		})
	}
	s.check("UpdateSecretVersionStage with wrong versions is refused", func() {
		before := labels()
		s.refused(400, "Rejected.InvalidRequest", "UpdateSecretVersionStage", update("green", "v1", "v2"))
		s.refused(400, "Rejected.InvalidRequest", "UpdateSecretVersionStage", update("green", nil, "v2"))
		s.refused(404, "Forbidden.ResourceNotFound", "UpdateSecretVersionStage", update("green", "v9", nil))
		s.refused(404, "Forbidden.ResourceNotFound", "UpdateSecretVersionStage", with(update("green", "v1", nil), params{"SecretName": s.id + "/none"}))
		for _, stage := range []string{"ACSCurrent", "ACSPrevious"} {
			s.refused(400, "Rejected.UnsupportedOperation", "UpdateSecretVersionStage", update(stage, nil, before[stage]))
		}
		s.refused(400, "MissingParameter", "UpdateSecretVersionStage", update("green", nil, nil))
		s.refused(400, "InvalidParameter", "UpdateSecretVersionStage", update(strings.Repeat("s", 65), "v1", nil))
		s.refused(400, "MissingVersionStage", "UpdateSecretVersionStage", with(secret, params{"MoveToVersion": "v1"}))
		s.refused(400, "MissingSecretName", "UpdateSecretVersionStage", params{"VersionStage": "green", "MoveToVersion": "v1"})
		equal(labels(), before, "labels")
	})
	s.check("a secret has 8 labels at most", func() {
		for number := range 5 {
			s.call("UpdateSecretVersionStage", update(fmt.Sprint("label-", number), "v1", nil))
		}
		equal(len(labels()), 8, "number of labels")
		s.refused(400, "Rejected.LimitExceeded", "UpdateSecretVersionStage", update("label-9", "v1", nil))
		s.call("UpdateSecretVersionStage", update("label-1", "v2", nil))
	})
}

// secretVersionLists looks at versions with and without labels, and at what the eleventh drives out.
func (s *suite) secretVersionLists() {
	var secret params
	if !s.check("ListSecretVersionIds, newest first", func() {
		secret = s.newSecret("versions", nil)
		for number := 2; number <= 10; number++ {
			s.call("PutSecretValue", with(secret, params{"VersionId": fmt.Sprint("v", number), "SecretData": "x"}))
		}
		got := s.call("ListSecretVersionIds", secret)
		fieldsAre(got, params{"SecretName": secret["SecretName"], "PageNumber": 1.0, "PageSize": 20.0, "TotalCount": 2.0})
		entries := list(got, "VersionIds", "VersionId")
		equal(entries[0]["VersionId"], "v10", "VersionId")
		equal(entries[1]["VersionId"], "v9", "VersionId")
		matches(timeForm, entries[0]["CreateTime"], "CreateTime")
		equal(strings.Join(stages(entries[1]), ","), "ACSPrevious", "VersionStages")
	}) {
		return
	}
	all := func(p params) []string {
		names := []string{}
		for _, entry := range list(s.call("ListSecretVersionIds", with(secret, with(params{"IncludeDeprecated": "true"}, p))), "VersionIds", "VersionId") {
			names = append(names, entry["VersionId"].(string))
		}
		return names
	}
	s.check("ListSecretVersionIds with the versions without labels, by pages", func() {
		equal(strings.Join(all(nil), " "), "v10 v9 v8 v7 v6 v5 v4 v3 v2 v1", "versions")
		equal(strings.Join(all(params{"PageSize": 4, "PageNumber": 3}), " "), "v2 v1", "versions of the last page")
	})
	s.check("an eleventh version drives out the oldest without a label", func() {
		s.call("UpdateSecretVersionStage", with(secret, params{"VersionStage": "kept", "MoveToVersion": "v1"}))
		s.call("PutSecretValue", with(secret, params{"VersionId": "v11", "SecretData": "x"}))
		equal(strings.Join(all(nil), " "), "v11 v10 v9 v8 v7 v6 v5 v4 v3 v1", "versions")
		s.refused(404, "Forbidden.ResourceNotFound", "GetSecretValue", with(secret, params{"VersionId": "v2"}))
	})
	s.check("ListSecretVersionIds with wrong parameters is refused", func() {
		s.refused(404, "Forbidden.ResourceNotFound", "ListSecretVersionIds", params{"SecretName": s.id + "/none"})
		s.refused(400, "InvalidParameter", "ListSecretVersionIds", with(secret, params{"PageSize": 101}))
		s.refused(400, "InvalidParameter", "ListSecretVersionIds", with(secret, params{"PageNumber": 0}))
		s.refused(400, "MissingSecretName", "ListSecretVersionIds", nil)
	})
}

// secretDeletion walks secrets into their deletion window and out of it.
func (s *suite) secretDeletion() {
	planned := func(got answer, days int) {
		matches(timeForm, got["PlannedDeleteTime"], "PlannedDeleteTime")
		deleted, _ := time.Parse(time.RFC3339, got["PlannedDeleteTime"].(string))
		late := time.Until(deleted) - time.Duration(days)*24*time.Hour
		holds(late > -time.Minute && late < time.Minute, "PlannedDeleteTime is %v", deleted)
	}
	var secret params
	for window, days := range map[string]int{"": 30, "7": 7, "30": 30} {
		s.check("DeleteSecret with the window '"+window+"', and RestoreSecret", func() {
			secret = s.newSecret("deleted-"+window, nil)
			p := with(secret, nil)
			if window != "" {
				p["RecoveryWindowInDays"] = window
			}
			got := s.call("DeleteSecret", p)
			equal(got["SecretName"], secret["SecretName"], "SecretName")
			planned(got, days)
			planned(s.call("DescribeSecret", secret), days)
			s.inWindow(secret)
			equal(s.call("RestoreSecret", secret)["SecretName"], secret["SecretName"], "SecretName")
			empty(s.call("DescribeSecret", secret), "PlannedDeleteTime")
			equal(s.call("GetSecretValue", secret)["SecretData"], "one", "SecretData")
			s.refused(409, "Rejected.ResourceInUse", "RestoreSecret", secret)
		})
	}
	s.check("DeleteSecret by force frees the name at once", func() {
		secret = s.newSecret("forced", nil)
		s.call("DeleteSecret", with(secret, params{"ForceDeleteWithoutRecovery": "true"}))
		for _, action := range []string{"GetSecretValue", "DescribeSecret", "RestoreSecret", "DeleteSecret", "ListSecretVersionIds"} {
			s.refused(404, "Forbidden.ResourceNotFound", action, secret)
		}
		s.newSecret("forced", params{"SecretData": "new"})
		equal(s.call("GetSecretValue", secret)["SecretData"], "new", "SecretData")
	})
	s.check("DeleteSecret with a bad window is refused", func() {
		for _, window := range []string{"6", "31", "0", "-7", "soon"} {
			s.refused(400, "InvalidParameter", "DeleteSecret", with(secret, params{"RecoveryWindowInDays": window}))
		}
		s.refused(400, "InvalidParameter", "DeleteSecret",
			with(secret, params{"RecoveryWindowInDays": "7", "ForceDeleteWithoutRecovery": "true"}))
		equal(s.call("GetSecretValue", secret)["SecretData"], "new", "SecretData")
	})
	for _, action := range []string{"DeleteSecret", "RestoreSecret"} {
		s.check(action+" of nothing is refused", func() {
			s.refused(404, "Forbidden.ResourceNotFound", action, params{"SecretName": s.id + "/none"})
			s.refused(400, "MissingSecretName", action, nil)
		})
	}
}

// inWindow says what a secret that waits for its deletion refuses.
func (s *suite) inWindow(secret params) {
	value := params{"VersionId": "v9", "SecretData": "x"}
	for action, p := range map[string]params{
		"DeleteSecret": nil, "GetSecretValue": nil, "CreateSecret": value, "PutSecretValue": value, "UpdateSecret": {"Description": "x"},
		"UpdateSecretVersionStage": {"VersionStage": "blue", "MoveToVersion": "v1"},
	} {
		s.refused(409, "Rejected.ResourceInDeleteWindow", action, with(secret, p))
	}
	got := s.call("ListSecrets", params{"Filters": fmt.Sprintf(`[{"Key":"SecretName","Values":["%s"]}]`, secret["SecretName"])})
	holds(len(list(got, "SecretList", "Secret")) > 0, "the secret is not listed")
	holds(list(got, "SecretList", "Secret")[0]["PlannedDeleteTime"] != nil, "it is listed without PlannedDeleteTime")
}

func (s *suite) secretUpdates() {
	var secret params
	if !s.check("UpdateSecret replaces the description", func() {
		secret = s.newSecret("updated", params{"Description": "first"})
		got := s.call("UpdateSecret", with(secret, params{"Description": "second é 密"}))
		equal(got["SecretName"], secret["SecretName"], "SecretName")
		equal(s.call("DescribeSecret", secret)["Description"], "second é 密", "Description")
		equal(s.call("GetSecretValue", secret)["SecretData"], "one", "SecretData")
	}) {
		return
	}
	s.check("UpdateSecret with wrong parameters is refused", func() {
		s.refused(400, "InvalidParameter", "UpdateSecret", with(secret, params{"Description": strings.Repeat("d", 8193)}))
		s.refused(404, "Forbidden.ResourceNotFound", "UpdateSecret", params{"SecretName": s.id + "/none", "Description": "x"})
		s.refused(400, "MissingSecretName", "UpdateSecret", params{"Description": "x"})
		equal(s.call("DescribeSecret", secret)["Description"], "second é 密", "Description")
	})
}

func (s *suite) secretPolicies() {
	var secret params
	if s.check("CreateSecret for policies", func() { secret = s.newSecret("policy", nil) }) {
		s.policies("Secret", secret, params{"SecretName": s.id + "/none"}, "Forbidden.ResourceNotFound")
	}
}

// secretKeys wraps values with a key of the caller, whose state then decides.
func (s *suite) secretKeys() {
	s.check("a secret under a key of its own", func() {
		key := params{"KeyId": s.newKeyID(nil)}
		secret := s.newSecret("wrapped", params{"EncryptionKeyId": key["KeyId"]})
		equal(s.call("DescribeSecret", secret)["EncryptionKeyId"], key["KeyId"], "EncryptionKeyId")
		s.call("DisableKey", key)
		s.refused(409, "Rejected.Disabled", "GetSecretValue", secret)
		s.refused(409, "Rejected.Disabled", "PutSecretValue", with(secret, params{"VersionId": "v2", "SecretData": "two"}))
		s.call("EnableKey", key)
		s.call("PutSecretValue", with(secret, params{"VersionId": "v2", "SecretData": "two"}))
		s.call("ScheduleKeyDeletion", with(key, params{"PendingWindowInDays": 7}))
		s.refused(409, "Rejected.PendingDeletion", "GetSecretValue", secret)
		s.call("CancelKeyDeletion", key)
		equal(s.call("GetSecretValue", secret)["SecretData"], "two", "SecretData")
	})
	s.check("CreateSecret under a key that cannot be is refused", func() {
		p := params{"SecretName": s.id + "/wrapped-not", "VersionId": "v1", "SecretData": "x"}
		s.refused(404, "Forbidden.KeyNotFound", "CreateSecret", with(p, params{"EncryptionKeyId": unknownKey}))
		s.refused(400, "UnsupportedOperation", "CreateSecret", with(p, params{"EncryptionKeyId": s.pair("EC_P256", "SIGN/VERIFY").id}))
	})
}
