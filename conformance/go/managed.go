package main

import "fmt"

// managedDataKeys reads data keys that are kept as the versions of a generic secret.
func (s *suite) managedDataKeys() {
	keys := map[string]string{}
	name := params{"DataKeyName": s.id + "/managed"}
	if !s.check("a managed data key of three versions", func() {
		for number := 1; number <= 3; number++ {
			version := fmt.Sprint("v", number)
			keys[version] = encode(random(32))
			action := "PutSecretValue"
			if number == 1 {
				action = "CreateSecret"
			}
			s.call(action, params{"SecretName": name["DataKeyName"], "VersionId": version, "SecretData": keys[version]})
		}
		s.newSecret("no-data-key", params{"SecretData": "no base64!"})
	}) {
		return
	}
	read := func(p params, version string) any {
		got := s.call("GetManagedDataKey", with(name, p))
		fieldsAre(got, params{"DataKeyName": name["DataKeyName"], "DataKeyVersionId": version, "Plaintext": keys[version]})
		return got["DataKeyVersionName"]
	}
	s.check("GetManagedDataKey gives the first version, the newest, or the one that is asked for", func() {
		read(nil, "v1")
		read(params{"UseLatest": false}, "v1")
		read(params{"UseLatest": true}, "v3")
		read(params{"UseLatest": true, "DataKeyVersionId": "v2"}, "v2")
	})
	s.check("ListManagedDataKeyVersions: defaults, pages, entries", func() {
		whole := s.call("ListManagedDataKeyVersions", name)
		fieldsAre(whole, params{"DataKeyName": name["DataKeyName"], "PageNumber": 1.0, "PageSize": 10.0, "TotalCount": 3.0})
		seen := map[any]any{}
		for page := 1; page <= 2; page++ {
			got := s.call("ListManagedDataKeyVersions", with(name, params{"PageNumber": page, "PageSize": 2}))
			for _, entry := range list(got, "ManagedDataKeyVersions", "ManagedDataKeyVersion") {
				seen[entry["DataKeyVersionId"]] = entry["DataKeyVersionName"]
			}
		}
		equal(len(seen), 3, "number of versions")
		for version := range keys {
			equal(seen[version], read(params{"DataKeyVersionId": version}, version), "DataKeyVersionName")
		}
	})
	s.check("managed data keys that are not there are refused", func() {
		none := params{"DataKeyName": s.id + "/none"}
		for _, action := range []string{"GetManagedDataKey", "ListManagedDataKeyVersions"} {
			s.refused(404, "Forbidden.ResourceNotFound", action, none)
			s.refused(400, "MissingDataKeyName", action, nil)
		}
		s.refused(404, "Forbidden.ResourceNotFound", "GetManagedDataKey", with(name, params{"DataKeyVersionId": "v9"}))
		s.refused(400, "UnsupportedOperation", "GetManagedDataKey", params{"DataKeyName": s.id + "/no-data-key"})
		s.refused(400, "InvalidParameter", "ListManagedDataKeyVersions", with(name, params{"PageSize": 101}))
	})
}
