package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// aliasChanges moves aliases between keys and takes them away.
func (s *suite) aliasChanges() {
	name := "alias/" + s.id + "/moving"
	var first, second string
	if !s.check("UpdateAlias points an alias at another key", func() {
		first, second = s.newKeyID(nil), s.newKeyID(nil)
		s.call("CreateAlias", params{"AliasName": name, "KeyId": first})
		s.call("UpdateAlias", params{"AliasName": name, "KeyId": second})
		equal(s.metadata(name)["KeyId"], second, "KeyId")
		s.call("UpdateAlias", params{"AliasName": name, "KeyId": s.arn("key/", first)})
		equal(s.call("Encrypt", params{"KeyId": name, "Plaintext": "x"})["KeyId"], first, "KeyId")
		s.call("UpdateAlias", params{"AliasName": name, "KeyId": first})
	}) {
		return
	}
	s.check("ListAliasesByKeyId", func() {
		names := []string{name}
		for number := range 11 {
			names = append(names, fmt.Sprintf("alias/%s/many-%02d", s.id, number))
			s.call("CreateAlias", params{"AliasName": names[number+1], "KeyId": first})
		}
		page := s.call("ListAliasesByKeyId", params{"KeyId": s.arn("key/", first)})
		fieldsAre(page, params{"PageNumber": 1.0, "PageSize": 10.0, "TotalCount": 12.0})
		seen := list(page, "Aliases", "Alias")
		equal(len(seen), 10, "entries on the first page")
		page = s.call("ListAliasesByKeyId", params{"KeyId": first, "PageNumber": 2, "PageSize": 10})
		seen = append(seen, list(page, "Aliases", "Alias")...)
		sort.Strings(names)
		sort.Slice(seen, func(i, j int) bool { return seen[i]["AliasName"].(string) < seen[j]["AliasName"].(string) })
		equal(len(seen), 12, "entries on both pages")
		for i, entry := range seen {
			equal(entry, answer{"AliasName": names[i], "KeyId": first, "AliasArn": s.arn("", names[i])}, names[i])
		}
		equal(len(list(s.call("ListAliasesByKeyId", params{"KeyId": second}), "Aliases", "Alias")), 0, "aliases of the other key")
	})
	s.check("DeleteAlias frees the name, and the key stays", func() {
		s.call("DeleteAlias", params{"AliasName": name})
		s.refused(404, "Forbidden.AliasNotFound", "DescribeKey", params{"KeyId": name})
		s.refused(404, "Forbidden.AliasNotFound", "DeleteAlias", params{"AliasName": name})
		s.refused(404, "Forbidden.AliasNotFound", "UpdateAlias", params{"AliasName": name, "KeyId": first})
		equal(s.metadata(first)["KeyState"], "Enabled", "KeyState")
		s.call("CreateAlias", params{"AliasName": name, "KeyId": second})
		equal(s.metadata(name)["KeyId"], second, "KeyId")
	})
	s.check("the longest name", func() {
		long := "alias/" + s.id + "/"
		long += strings.Repeat("n", 255+len("alias/")-len(long))
		s.call("CreateAlias", params{"AliasName": long, "KeyId": first})
		equal(s.metadata(long)["KeyId"], first, "KeyId")
		s.refused(400, "InvalidParameter", "CreateAlias", params{"AliasName": long + "n", "KeyId": first})
		s.call("DeleteAlias", params{"AliasName": long})
	})
	s.check("wrong aliases are refused", func() {
		for _, bad := range []string{s.id, "alias/", "alias/a b", "alias/ä", "alias/a.b", "alias/acs/mine"} {
			s.refused(400, "InvalidParameter", "CreateAlias", params{"AliasName": bad, "KeyId": first})
		}
		s.refused(400, "InvalidParameter", "UpdateAlias", params{"AliasName": s.id, "KeyId": first})
		s.refused(400, "InvalidParameter", "DeleteAlias", params{"AliasName": s.id})
		s.refused(404, "Forbidden.KeyNotFound", "UpdateAlias", params{"AliasName": name, "KeyId": unknownKey})
		s.refused(400, "MissingKeyId", "UpdateAlias", params{"AliasName": name})
		s.refused(400, "MissingAliasName", "DeleteAlias", nil)
		for _, action := range []string{"CreateAlias", "UpdateAlias"} {
			s.refused(400, "Unsupported.Alias", action, params{"AliasName": "alias/" + s.id + "/other", "KeyId": name})
		}
		s.refused(400, "Unsupported.Alias", "ListAliasesByKeyId", params{"KeyId": name})
		s.refused(404, "Forbidden.KeyNotFound", "ListAliasesByKeyId", params{"KeyId": unknownKey})
		s.refused(400, "InvalidParameter", "ListAliasesByKeyId", params{"KeyId": first, "PageSize": 101})
		s.refused(400, "InvalidParameter", "ListAliasesByKeyId", params{"KeyId": first, "PageNumber": 0})
		s.refused(400, "InvalidParameter", "ListAliases", params{"PageSize": 101})
	})
}

func asTags(tags map[string]string) string {
	entries := []params{}
	for key, value := range tags {
		entries = append(entries, params{"TagKey": key, "TagValue": value})
	}
	text, _ := json.Marshal(entries)
	return string(text)
}

func many(count int) map[string]string {
	tags := map[string]string{}
	for number := range count {
		tags[fmt.Sprintf("k%02d", number)] = fmt.Sprint(number)
	}
	return tags
}

// keyTags gives the tags of a key as ListResourceTags tells them.
func (s *suite) keyTags(id string) map[string]string {
	tags := map[string]string{}
	for _, tag := range list(s.call("ListResourceTags", params{"KeyId": id}), "Tags", "Tag") {
		equal(tag["KeyId"], id, "KeyId")
		tags[tag["TagKey"].(string)] = fmt.Sprint(tag["TagValue"])
	}
	return tags
}

// tags walks TagResource and its kin, for one resource each.
func (s *suite) tags() {
	var id string
	key := params{}
	if !s.check("TagResource adds and overwrites tags of a key", func() {
		id = s.newKeyID(params{"Tags": asTags(map[string]string{"team": "blue"})})
		key = params{"KeyId": id}
		s.call("TagResource", with(key, params{"Tags": asTags(map[string]string{"team": "red", "a /\\_-.+=:@b": "密 =1", "empty": ""})}))
		equal(s.keyTags(id), map[string]string{"team": "red", "a /\\_-.+=:@b": "密 =1", "empty": ""}, "tags")
		s.call("TagResource", params{"KeyId": s.arn("key/", id), "Tags": asTags(map[string]string{"by": "ARN"})})
		equal(s.keyTags(id)["by"], "ARN", "tag")
	}) {
		return
	}
	s.check("UntagResource takes them away in both notations", func() {
		s.call("UntagResource", with(key, params{"TagKeys": `["empty","never there"]`}))
		s.call("UntagResource", with(key, params{"TagKeys": "by,team"}))
		equal(s.keyTags(id), map[string]string{"a /\\_-.+=:@b": "密 =1"}, "tags")
		s.call("UntagResource", with(key, params{"TagKeys": `["a /\\_-.+=:@b"]`}))
		equal(s.keyTags(id), map[string]string{}, "tags")
	})
	s.check("a resource has 20 tags at most", func() {
		s.call("TagResource", with(key, params{"Tags": asTags(many(20))}))
		equal(len(s.keyTags(id)), 20, "number of tags")
		s.call("TagResource", with(key, params{"Tags": asTags(map[string]string{"k00": "again"})}))
		s.refused(400, "Rejected.LimitExceeded", "TagResource", with(key, params{"Tags": asTags(map[string]string{"one more": "1"})}))
		s.refused(400, "InvalidParameter", "TagResource", with(key, params{"Tags": asTags(many(21))}))
		equal(len(s.keyTags(id)), 20, "number of tags")
	})
	s.check("TagResource and UntagResource of a secret", func() {
		name := params{"SecretName": s.id + "/tagged"}
		s.call("CreateSecret", with(name, params{"VersionId": "v1", "SecretData": "x"}))
		s.call("TagResource", with(name, params{"Tags": asTags(map[string]string{"a": "1", "b": "2"})}))
		s.tagsAre(s.call("DescribeSecret", with(name, params{"FetchTags": "true"})), "a=1", "b=2")
		s.call("UntagResource", with(name, params{"TagKeys": `["a"]`}))
		s.tagsAre(s.call("DescribeSecret", with(name, params{"FetchTags": "true"})), "b=2")
	})
	s.check("wrong tags are refused", func() {
		tag := func(key, value string) params {
			return params{"KeyId": id, "Tags": asTags(map[string]string{key: value})}
		}
		for _, bad := range []string{"aliyun", "aliyun-x", "acs:x", "", "a<b", strings.Repeat("k", 129)} {
			s.refused(400, "InvalidParameter.TagKey", "TagResource", tag(bad, "x"))
		}
		for _, bad := range []string{"a<b", strings.Repeat("v", 129)} {
			s.refused(400, "InvalidParameter.TagValue", "TagResource", tag("x", bad))
		}
		s.refused(400, "Duplicate.TagKey", "TagResource", with(key, params{"Tags": `[{"TagKey":"a","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]`}))
		for _, bad := range []string{"no JSON", `{"TagKey":"a"}`, `[1]`} {
			s.refused(400, "InvalidParameter", "TagResource", with(key, params{"Tags": bad}))
		}
	})
	for action, p := range map[string]params{"TagResource": {"Tags": asTags(many(1))}, "UntagResource": {"TagKeys": `["k00"]`}} {
		s.check(action+" of a wrong resource is refused", func() {
			s.refused(404, "Forbidden.KeyNotFound", action, with(p, params{"KeyId": unknownKey}))
			s.refused(404, "Forbidden.ResourceNotFound", action, with(p, params{"SecretName": s.id + "/none"}))
			s.refused(400, "Unsupported.Alias", action, with(p, params{"KeyId": s.alias}))
			s.refused(404, "Certificate.NotFound", action, with(p, params{"CertificateId": "a-certificate"}))
			s.refused(400, "MissingParameter", action, p)
			s.refused(400, "InvalidParameter", action, with(p, params{"KeyId": id, "SecretName": s.id + "/tagged"}))
		})
	}
	s.check("tag operations without their parameters are refused", func() {
		s.refused(400, "MissingTags", "TagResource", key)
		s.refused(400, "MissingTagKeys", "UntagResource", key)
		s.refused(400, "MissingKeyId", "ListResourceTags", nil)
		s.refused(404, "Forbidden.KeyNotFound", "ListResourceTags", params{"KeyId": unknownKey})
		s.refused(400, "Unsupported.Alias", "ListResourceTags", params{"KeyId": s.alias})
	})
}

// batchTags walks TagResources and its kin, for many resources at once.
func (s *suite) batchTags() {
	region := params{"RegionId": s.facts.Region}
	resources := func(kind string, ids ...string) params {
		return with(region, params{"ResourceType": kind, "ResourceId": ids})
	}
	pairs := func(tags ...string) []params {
		entries := []params{}
		for _, tag := range tags {
			key, value, _ := strings.Cut(tag, "=")
			entries = append(entries, params{"Key": key, "Value": value})
		}
		return entries
	}
	rows := func(p params) []string {
		found := []string{}
		for _, row := range list(s.call("ListTagResources", p), "TagResources", "TagResource") {
			found = append(found, fmt.Sprintf("%v %v %v=%v", row["ResourceType"], row["ResourceId"], row["TagKey"], row["TagValue"]))
		}
		sort.Strings(found)
		return found
	}
	var one, two string
	secret := s.id + "/batch"
	if !s.check("TagResources tags many keys at once", func() {
		one, two = s.newKeyID(nil), s.newKeyID(nil)
		s.call("CreateSecret", params{"SecretName": secret, "VersionId": "v1", "SecretData": "x"})
		s.call("TagResources", with(resources("key", one, two), params{"Tag": pairs(s.id+"=1", "b=2")}))
		s.call("TagResources", with(resources("key", one), params{"Tag": pairs("b=3")}))
		equal(s.keyTags(one), map[string]string{s.id: "1", "b": "3"}, "tags")
		equal(s.keyTags(two), map[string]string{s.id: "1", "b": "2"}, "tags")
		s.call("TagResources", with(resources("secret", secret), params{"Tag": pairs("b=4")}))
	}) {
		return
	}
	s.check("ListTagResources by id, by tag, by both", func() {
		row := func(id, tag string) string { return "key " + id + " " + tag }
		sorted := func(rows ...string) []string { sort.Strings(rows); return rows }
		equal(rows(resources("key", one)), sorted(row(one, s.id+"=1"), row(one, "b=3")), "rows")
		byTag := rows(with(region, params{"ResourceType": "key", "Tag": pairs(s.id + "=1")}))
		for _, expected := range []string{row(one, s.id+"=1"), row(two, s.id+"=1")} {
			holds(strings.Contains(strings.Join(byTag, "\n"), expected), "no row %s", expected)
		}
		both := rows(with(resources("key", one, two), params{"Tag": pairs(s.id+"=1", "b=2")}))
		holds(strings.Contains(strings.Join(both, "\n"), two) && !strings.Contains(strings.Join(both, "\n"), one), "rows %v", both)
		equal(rows(resources("secret", secret)), []string{"secret " + secret + " b=4"}, "rows")
		equal(rows(with(region, params{"ResourceType": "key", "Tag": pairs(s.id + "=no such value")})), []string{}, "rows")
	})
	s.check("UntagResources takes tags away, one or all", func() {
		s.call("UntagResources", with(resources("key", one, two), params{"TagKey": []string{"b", "never there"}}))
		equal(s.keyTags(one), map[string]string{s.id: "1"}, "tags")
		s.call("UntagResources", with(resources("key", one, two), params{"All": true}))
		equal(s.keyTags(one), map[string]string{}, "tags")
		equal(s.keyTags(two), map[string]string{}, "tags")
		s.call("UntagResources", with(resources("secret", secret), params{"TagKey": []string{"b"}}))
		equal(rows(resources("secret", secret)), []string{}, "rows")
	})
	for action, p := range map[string]params{
		"TagResources": {"Tag": pairs("a=1")}, "UntagResources": {"TagKey": []string{"a"}}, "ListTagResources": {},
	} {
		s.check(action+" with wrong resources is refused", func() {
			s.refused(404, "InvalidResourceId.NotFound", action, with(p, resources("key", one, unknownKey)))
			s.refused(404, "InvalidResourceId.NotFound", action, with(p, resources("secret", s.id+"/none")))
			s.refused(400, "InvalidParameter", action, with(p, resources("certificate", one)))
			tooMany := []string{}
			for number := range 51 {
				tooMany = append(tooMany, fmt.Sprintf("key-hzz00000000aaaaaaaa%02d", number))
			}
			s.refused(400, "InvalidParameter", action, with(p, resources("key", tooMany...)))
			for _, name := range []string{"RegionId", "ResourceType"} {
				incomplete := with(p, resources("key", one))
				delete(incomplete, name)
				s.refused(400, "Missing"+name, action, incomplete)
			}
		})
	}
	s.check("TagResources with wrong tags is refused", func() {
		tag := func(entries []params) params { return with(resources("key", one), params{"Tag": entries}) }
		s.refused(400, "InvalidParameter.TagKey", "TagResources", tag(pairs("acs:a=1")))
		s.refused(400, "InvalidParameter.TagValue", "TagResources", tag(pairs("a=<")))
		s.refused(400, "Duplicate.TagKey", "TagResources", tag(pairs("a=1", "a=2")))
		twenty := []params{}
		for key, value := range many(21) {
			twenty = append(twenty, params{"Key": key, "Value": value})
		}
		s.refused(400, "InvalidParameter", "TagResources", tag(twenty))
		equal(s.keyTags(one), map[string]string{}, "tags")
	})
}
