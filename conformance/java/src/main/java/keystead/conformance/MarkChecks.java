package keystead.conformance;

import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;

import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Aliases that move, and tags, one resource or many at once. */
abstract class MarkChecks extends ImportChecks {
    MarkChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    void aliasChanges() {
        String name = "alias/" + id + "/moving";
        String[] keys = {null, null};
        if (!check("UpdateAlias points an alias at another key", () -> {
            keys[0] = newKeyId();
            keys[1] = newKeyId();
            call("CreateAlias", of("AliasName", name, "KeyId", keys[0]));
            call("UpdateAlias", of("AliasName", name, "KeyId", keys[1]));
            equal(metadata(name).get("KeyId"), keys[1], "KeyId");
            call("UpdateAlias", of("AliasName", name, "KeyId", arn("key/", keys[0])));
            equal(call("Encrypt", of("KeyId", name, "Plaintext", "x")).get("KeyId"), keys[0], "KeyId");
            call("UpdateAlias", of("AliasName", name, "KeyId", keys[0]));
        })) {
            return;
        }
        String first = keys[0];
        check("ListAliasesByKeyId", () -> {
            List<String> names = new ArrayList<>(List.of(name));
            for (int number = 0; number < 11; number++) {
                names.add(String.format("alias/%s/many-%02d", id, number));
                call("CreateAlias", of("AliasName", names.get(number + 1), "KeyId", first));
            }
            Map<String, Object> page = call("ListAliasesByKeyId", of("KeyId", arn("key/", first)));
            fields(page, of("PageNumber", 1, "PageSize", 10, "TotalCount", 12));
            equal(list(page, "Aliases", "Alias").size(), 10, "entries on the first page");
            List<Map<String, Object>> seen = new ArrayList<>(list(page, "Aliases", "Alias"));
            seen.addAll(list(call("ListAliasesByKeyId", of("KeyId", first, "PageNumber", 2, "PageSize", 10)), "Aliases", "Alias"));
            seen.sort(Comparator.comparing(entry -> (String) entry.get("AliasName")));
            Collections.sort(names);
            equal(seen.size(), 12, "entries on both pages");
            for (int i = 0; i < 12; i++) {
                equal(seen.get(i), of("AliasName", names.get(i), "KeyId", first, "AliasArn", arn("", names.get(i))), names.get(i));
            }
            equal(list(call("ListAliasesByKeyId", of("KeyId", keys[1])), "Aliases", "Alias").size(), 0, "aliases of the other key");
        });
        check("DeleteAlias frees the name, and the key stays", () -> {
            call("DeleteAlias", of("AliasName", name));
            refusedNow(404, "Forbidden.AliasNotFound", "DescribeKey", of("KeyId", name));
            refusedNow(404, "Forbidden.AliasNotFound", "DeleteAlias", of("AliasName", name));
            refusedNow(404, "Forbidden.AliasNotFound", "UpdateAlias", of("AliasName", name, "KeyId", first));
            equal(metadata(first).get("KeyState"), "Enabled", "KeyState");
            call("CreateAlias", of("AliasName", name, "KeyId", keys[1]));
            equal(metadata(name).get("KeyId"), keys[1], "KeyId");
        });
        check("the longest name", () -> {
            String start = "alias/" + id + "/";
            String longest = start + "n".repeat(255 + "alias/".length() - start.length());
            call("CreateAlias", of("AliasName", longest, "KeyId", first));
            equal(metadata(longest).get("KeyId"), first, "KeyId");
            refusedNow(400, "InvalidParameter", "CreateAlias", of("AliasName", longest + "n", "KeyId", first));
            call("DeleteAlias", of("AliasName", longest));
        });
        check("wrong aliases are refused", () -> {
            for (String bad : List.of(id, "alias/", "alias/a b", "alias/ä", "alias/a.b", "alias/acs/mine")) {
                refusedNow(400, "InvalidParameter", "CreateAlias", of("AliasName", bad, "KeyId", first));
            }
            refusedNow(400, "InvalidParameter", "UpdateAlias", of("AliasName", id, "KeyId", first));
            refusedNow(400, "InvalidParameter", "DeleteAlias", of("AliasName", id));
            refusedNow(404, "Forbidden.KeyNotFound", "UpdateAlias", of("AliasName", name, "KeyId", UNKNOWN_KEY));
            refusedNow(400, "MissingKeyId", "UpdateAlias", of("AliasName", name));
            refusedNow(400, "MissingAliasName", "DeleteAlias", of());
            for (String action : List.of("CreateAlias", "UpdateAlias")) {
                refusedNow(400, "Unsupported.Alias", action, of("AliasName", "alias/" + id + "/other", "KeyId", name));
            }
            refusedNow(400, "Unsupported.Alias", "ListAliasesByKeyId", of("KeyId", name));
            refusedNow(404, "Forbidden.KeyNotFound", "ListAliasesByKeyId", of("KeyId", UNKNOWN_KEY));
            refusedNow(400, "InvalidParameter", "ListAliasesByKeyId", of("KeyId", first, "PageSize", 101));
            refusedNow(400, "InvalidParameter", "ListAliasesByKeyId", of("KeyId", first, "PageNumber", 0));
            refusedNow(400, "InvalidParameter", "ListAliases", of("PageSize", 101));
        });
    }

    /** The Tags parameter of keys and values in turn. */
    static String asTags(String... pairs) {
        List<Object> tags = new ArrayList<>();
        for (int i = 0; i < pairs.length; i += 2) {
            tags.add(of("TagKey", pairs[i], "TagValue", pairs[i + 1]));
        }
        return new Gson().toJson(tags);
    }

    static String[] many(int count) {
        return IntStream.range(0, count).boxed().flatMap(n -> Stream.of(String.format("k%02d", n), "" + n)).toArray(String[]::new);
    }

    Map<String, Object> keyTags(Object name) throws Exception {
        Map<String, Object> tags = new TreeMap<>();
        for (Map<String, Object> tag : list(call("ListResourceTags", of("KeyId", name)), "Tags", "Tag")) {
            equal(tag.get("KeyId"), name, "KeyId");
            tags.put((String) tag.get("TagKey"), tag.get("TagValue"));
        }
        return tags;
    }

    void keyAndSecretTags() {
        String odd = "a /\\_-.+=:@b";
        Map<String, Object> name = of();
        if (!check("TagResource adds and overwrites tags of a key", () -> {
            name.put("KeyId", newKeyId("Tags", asTags("team", "blue")));
            call("TagResource", with(name, "Tags", asTags("team", "red", odd, "密 =1", "empty", "")));
            equal(keyTags(name.get("KeyId")), of("team", "red", odd, "密 =1", "empty", ""), "tags");
            call("TagResource", of("KeyId", arn("key/", (String) name.get("KeyId")), "Tags", asTags("by", "ARN")));
            equal(keyTags(name.get("KeyId")).get("by"), "ARN", "tag");
        })) {
            return;
        }
        check("UntagResource takes them away in both notations", () -> {
            call("UntagResource", with(name, "TagKeys", "[\"empty\",\"never there\"]"));
            call("UntagResource", with(name, "TagKeys", "by,team"));
            equal(keyTags(name.get("KeyId")), of(odd, "密 =1"), "tags");
            call("UntagResource", with(name, "TagKeys", new Gson().toJson(List.of(odd))));
            equal(keyTags(name.get("KeyId")), of(), "tags");
        });
        check("a resource has 20 tags at most", () -> {
            call("TagResource", with(name, "Tags", asTags(many(20))));
            equal(keyTags(name.get("KeyId")).size(), 20, "number of tags");
            call("TagResource", with(name, "Tags", asTags("k00", "again")));
            refusedNow(400, "Rejected.LimitExceeded", "TagResource", with(name, "Tags", asTags("one more", "1")));
            refusedNow(400, "InvalidParameter", "TagResource", with(name, "Tags", asTags(many(21))));
            equal(keyTags(name.get("KeyId")).size(), 20, "number of tags");
        });
        Map<String, Object> tagged = of("SecretName", id + "/tagged");
        check("TagResource and UntagResource of a secret", () -> {
            call("CreateSecret", with(tagged, "VersionId", "v1", "SecretData", "x"));
            call("TagResource", with(tagged, "Tags", asTags("a", "1", "b", "2")));
            equal(tags(call("DescribeSecret", with(tagged, "FetchTags", "true"))), List.of("a=1", "b=2"), "Tags");
            call("UntagResource", with(tagged, "TagKeys", "[\"a\"]"));
            equal(tags(call("DescribeSecret", with(tagged, "FetchTags", "true"))), List.of("b=2"), "Tags");
        });
        check("wrong tags are refused", () -> {
            for (String bad : List.of("aliyun", "aliyun-x", "acs:x", "", "a<b", "k".repeat(129))) {
                refusedNow(400, "InvalidParameter.TagKey", "TagResource", with(name, "Tags", asTags(bad, "x")));
            }
            for (String bad : List.of("a<b", "v".repeat(129))) {
                refusedNow(400, "InvalidParameter.TagValue", "TagResource", with(name, "Tags", asTags("x", bad)));
            }
            refusedNow(400, "Duplicate.TagKey", "TagResource", with(name, "Tags", asTags("a", "1", "a", "2")));
            for (String bad : List.of("no JSON", "{\"TagKey\":\"a\"}", "[1]")) {
                refusedNow(400, "InvalidParameter", "TagResource", with(name, "Tags", bad));
            }
        });
        for (String action : List.of("TagResource", "UntagResource")) {
            Map<String, Object> parameters = action.startsWith("T") ? of("Tags", asTags("k", "1")) : of("TagKeys", "[\"k\"]");
            check(action + " of a wrong resource is refused", () -> {
                refusedNow(404, "Forbidden.KeyNotFound", action, with(parameters, "KeyId", UNKNOWN_KEY));
                refusedNow(404, "Forbidden.ResourceNotFound", action, with(parameters, "SecretName", id + "/none"));
                refusedNow(400, "Unsupported.Alias", action, with(parameters, "KeyId", alias));
                refusedNow(404, "Certificate.NotFound", action, with(parameters, "CertificateId", "a-certificate"));
                refusedNow(400, "MissingParameter", action, parameters);
                refusedNow(400, "InvalidParameter", action, with(with(parameters, name), tagged));
            });
        }
        check("tag operations without their parameters are refused", () -> {
            refusedNow(400, "MissingTags", "TagResource", name);
            refusedNow(400, "MissingTagKeys", "UntagResource", name);
            refusedNow(400, "MissingKeyId", "ListResourceTags", of());
            refusedNow(404, "Forbidden.KeyNotFound", "ListResourceTags", of("KeyId", UNKNOWN_KEY));
            refusedNow(400, "Unsupported.Alias", "ListResourceTags", of("KeyId", alias));
        });
    }

    private Map<String, Object> resources(String kind, List<String> names) {
        return of("RegionId", facts.region, "ResourceType", kind, "ResourceId", names);
    }

    /** The Tag.N parameters of keys and values in turn. */
    private static Map<String, Object> tagList(String... pairs) {
        List<Object> entries = new ArrayList<>();
        for (int i = 0; i < pairs.length; i += 2) {
            entries.add(of("Key", pairs[i], "Value", pairs[i + 1]));
        }
        return of("Tag", entries);
    }

    private List<String> rows(Map<String, Object> parameters) throws Exception {
        return list(call("ListTagResources", parameters), "TagResources", "TagResource").stream()
                .map(row -> row.get("ResourceType") + " " + row.get("ResourceId") + " " + row.get("TagKey") + "=" + row.get("TagValue"))
                .sorted()
                .collect(Collectors.toList());
    }

    void batchTags() {
        String[] keys = {null, null};
        String secretName = id + "/batch-tags";
        if (!check("TagResources tags many keys at once", () -> {
            keys[0] = newKeyId();
            keys[1] = newKeyId();
            call("CreateSecret", of("SecretName", secretName, "VersionId", "v1", "SecretData", "x"));
            call("TagResources", with(resources("key", List.of(keys)), tagList(id, "1", "b", "2")));
            call("TagResources", with(resources("key", List.of(keys[0])), tagList("b", "3")));
            equal(keyTags(keys[0]), of(id, "1", "b", "3"), "tags");
            equal(keyTags(keys[1]), of(id, "1", "b", "2"), "tags");
            call("TagResources", with(resources("secret", List.of(secretName)), tagList("b", "4")));
        })) {
            return;
        }
        String one = keys[0];
        String two = keys[1];
        check("ListTagResources by id, by tag, by both", () -> {
            List<String> expected = Stream.of("key " + one + " " + id + "=1", "key " + one + " b=3").sorted().collect(Collectors.toList());
            equal(rows(resources("key", List.of(one))), expected, "rows");
            List<String> byTag = rows(with(without(resources("key", List.of()), "ResourceId"), tagList(id, "1")));
            holds(byTag.containsAll(List.of("key " + one + " " + id + "=1", "key " + two + " " + id + "=1")), "rows " + byTag);
            String both = String.join("\n", rows(with(resources("key", List.of(one, two)), tagList(id, "1", "b", "2"))));
            holds(both.contains(two) && !both.contains(one), "rows " + both);
            equal(rows(resources("secret", List.of(secretName))), List.of("secret " + secretName + " b=4"), "rows");
            equal(rows(with(without(resources("key", List.of()), "ResourceId"), tagList(id, "no such value"))), List.of(), "rows");
        });
        check("UntagResources takes tags away, one or all", () -> {
            call("UntagResources", with(resources("key", List.of(one, two)), "TagKey", List.of("b", "never there")));
            equal(keyTags(one), of(id, "1"), "tags");
            call("UntagResources", with(resources("key", List.of(one, two)), "All", true));
            equal(keyTags(one), of(), "tags");
            equal(keyTags(two), of(), "tags");
            call("UntagResources", with(resources("secret", List.of(secretName)), "TagKey", List.of("b")));
            equal(rows(resources("secret", List.of(secretName))), List.of(), "rows");
        });
        Map<String, Object> actions = of(
                "TagResources", tagList("a", "1"), "UntagResources", of("TagKey", List.of("a")), "ListTagResources", of());
        actions.forEach((action, more) -> check(action + " with wrong resources is refused", () -> {
            Map<String, Object> parameters = map(more);
            refusedNow(404, "InvalidResourceId.NotFound", action, with(parameters, resources("key", List.of(one, UNKNOWN_KEY))));
            refusedNow(404, "InvalidResourceId.NotFound", action, with(parameters, resources("secret", List.of(id + "/none"))));
            refusedNow(400, "InvalidParameter", action, with(parameters, resources("certificate", List.of(one))));
            List<String> tooMany = IntStream.range(0, 51)
                    .mapToObj(number -> String.format("key-hzz00000000aaaaaaaa%02d", number))
                    .collect(Collectors.toList());
            refusedNow(400, "InvalidParameter", action, with(parameters, resources("key", tooMany)));
            for (String name : List.of("RegionId", "ResourceType")) {
                refusedNow(400, "Missing" + name, action, without(with(parameters, resources("key", List.of(one))), name));
            }
        }));
        check("TagResources with wrong tags is refused", () -> {
            Map<String, Object> to = resources("key", List.of(one));
            refusedNow(400, "InvalidParameter.TagKey", "TagResources", with(to, tagList("acs:a", "1")));
            refusedNow(400, "InvalidParameter.TagValue", "TagResources", with(to, tagList("a", "<")));
            refusedNow(400, "Duplicate.TagKey", "TagResources", with(to, tagList("a", "1", "a", "2")));
            refusedNow(400, "InvalidParameter", "TagResources", with(to, tagList(many(21))));
            equal(keyTags(one), of(), "tags");
        });
    }
}
