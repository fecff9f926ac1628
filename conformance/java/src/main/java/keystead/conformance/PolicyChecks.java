package keystead.conformance;

import static keystead.conformance.Harness.equal;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Policies of keys and secrets, filters of keys, managed data keys. */
abstract class PolicyChecks extends MarkChecks {
    PolicyChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    /** A policy text of one statement; pairs of names and parts change it, null takes a part away. */
    String policy(Object... changed) {
        Map<String, Object> statement = with(of(
                "Sid", "kms default key policy",
                "Effect", "Allow",
                "Principal", principal("*"),
                "Action", List.of("kms:*"),
                "Resource", List.of("*")), changed);
        statement.values().removeIf(part -> part == null);
        return new Gson().toJson(of("Version", "1", "Statement", List.of(statement)));
    }

    private Map<String, Object> principal(String... names) {
        List<String> own = new ArrayList<>();
        for (String name : names) {
            own.add("acs:ram::" + facts.account + ":" + name);
        }
        return of("RAM", own);
    }

    private static JsonElement json(Object text) {
        return JsonParser.parseString((String) text);
    }

    /** Walks the policy operations of keys or of secrets, which have one grammar. */
    void policies(String kind, Map<String, Object> resource, Map<String, Object> unknown, String missing) {
        String set = "Set" + kind + "Policy";
        String get = "Get" + kind + "Policy";
        check(get + " gives the default policy first", () -> {
            JsonElement expected = json(policy("Sid", "kms default " + kind.toLowerCase() + " policy"));
            equal(json(call(get, resource).get("Policy")), expected, "Policy");
            equal(json(call(get, with(resource, "PolicyName", "default")).get("Policy")), expected, "Policy");
        });
        check(set + " replaces the policy", () -> {
            Map<String, Object> condition = of("IpAddress", of("acs:SourceIp", List.of("192.0.2.0/24", "198.51.100.7")));
            Map<String, Object> root = of("RAM", "acs:ram::" + facts.account + ":root");
            for (String text : List.of(
                    policy(),
                    policy("Principal", root, "Action", "kms:*", "Resource", "*", "Sid", null),
                    policy("Principal", principal("*", "user/eve", "role/app"), "Condition", condition))) {
                call(set, with(resource, "Policy", text));
                equal(json(call(get, resource).get("Policy")), json(text), "Policy");
                call(set, with(resource, "Policy", text, "PolicyName", "default"));
            }
        });
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("that is no JSON", "{");
        wrong.put("that is a list", "[]");
        wrong.put("without a version", "{\"Statement\":[]}");
        wrong.put("of another version", policy().replace("\"Version\":\"1\"", "\"Version\":\"2\""));
        wrong.put("with an unknown effect", policy("Effect", "Permit"));
        wrong.put("without an effect", policy("Effect", null));
        wrong.put("without a principal", policy("Principal", null));
        wrong.put("with a strange principal", policy("Principal", of("RAM", List.of("everybody"))));
        wrong.put("with an unknown principal", policy("Principal", of("Service", List.of("kms.aliyuncs.com"))));
        wrong.put("without an action", policy("Action", null));
        wrong.put("with an action of another", policy("Action", List.of("oss:GetObject")));
        wrong.put("with another resource", policy("Resource", List.of("acs:kms:*:*:key/other")));
        wrong.put("with a bad sid", policy("Sid", "a#b"));
        wrong.put("with a long sid", policy("Sid", "s".repeat(129)));
        wrong.put("with an unknown operator", policy("Condition", of("StringMatches", of("acs:SourceVpc", "vpc-1"))));
        wrong.put("with a text as condition", policy("Condition", "none"));
        wrong.put("of more than 32768 bytes", policy("Condition", of("StringEquals", of("acs:SourceVpc", "v".repeat(32768)))));
        wrong.forEach((what, text) ->
                refuses(set + " of a policy " + what, 400, "InvalidParameter", set, with(resource, "Policy", text)));
        check("the " + kind + " policy of another name, and of nothing, is refused", () -> {
            refusedNow(404, "Forbidden.ResourceNotFound", get, with(resource, "PolicyName", "other"));
            refusedNow(404, "Forbidden.ResourceNotFound", set, with(resource, "PolicyName", "other", "Policy", policy()));
            refusedNow(404, missing, get, unknown);
            refusedNow(404, missing, set, with(unknown, "Policy", policy()));
            refusedNow(400, "MissingPolicy", set, resource);
            for (String name : resource.keySet()) {
                refusedNow(400, "Missing" + name, get, of());
                refusedNow(400, "Missing" + name, set, of("Policy", policy()));
            }
        });
    }

    void keyPolicies() {
        Map<String, Object> name = of();
        if (!check("CreateKey for policies", () -> name.put("KeyId", newKeyId()))) {
            return;
        }
        policies("Key", name, of("KeyId", UNKNOWN_KEY), "Forbidden.KeyNotFound");
        check("key policies take an ARN and no alias", () -> {
            call("GetKeyPolicy", of("KeyId", arn("key/", (String) name.get("KeyId"))));
            refusedNow(400, "Unsupported.Alias", "GetKeyPolicy", of("KeyId", alias));
            refusedNow(400, "Unsupported.Alias", "SetKeyPolicy", of("KeyId", alias, "Policy", policy()));
        });
        check("CreateKey with a policy", () -> {
            String text = policy("Sid", "from the start");
            equal(json(call("GetKeyPolicy", of("KeyId", newKeyId("Policy", text))).get("Policy")), json(text), "Policy");
            refusedNow(400, "InvalidParameter", "CreateKey", of("Policy", "{"));
        });
    }

    @SafeVarargs
    static String filters(List<String>... pairs) {
        List<Object> entries = new ArrayList<>();
        for (List<String> pair : pairs) {
            entries.add(of("Key", pair.get(0), "Values", pair.subList(1, pair.size())));
        }
        return new Gson().toJson(entries);
    }

    /** Narrows every list by a tag of its own, so that what else is in the account does not matter. */
    void keyFilters() {
        String label = id + "/filter";
        List<String> own = List.of("TagKey", label);
        String[] made = new String[4];
        String name = "alias/" + id + "/filtered";
        if (!check("CreateKey for filters", () -> {
            made[0] = newKeyId("Tags", asTags(label, "one"));
            made[1] = newKeyId("Tags", asTags(label, "two"), "KeySpec", "Aliyun_SM4", "ProtectionLevel", "HSM");
            made[2] = newKeyId("Tags", asTags(label, "three"), "KeySpec", "EC_P256");
            made[3] = newKeyId("Tags", asTags(label, "four"), "Origin", "EXTERNAL");
            call("DisableKey", of("KeyId", made[1]));
            call("CreateAlias", of("AliasName", name, "KeyId", made[2]));
        })) {
            return;
        }
        Object[][] rows = {
            {"TagKey", List.of(), Set.of(made)},
            {"TagValue", List.of(List.of("TagValue", "one", "three")), Set.of(made[0], made[2])},
            {"KeyState", List.of(List.of("KeyState", "Disabled", "PendingImport")), Set.of(made[1], made[3])},
            {"KeySpec", List.of(List.of("KeySpec", "Aliyun_SM4", "EC_P256")), Set.of(made[1], made[2])},
            {"KeyUsage", List.of(List.of("KeyUsage", "SIGN/VERIFY")), Set.of(made[2])},
            {"ProtectionLevel", List.of(List.of("ProtectionLevel", "HSM")), Set.of(made[1])},
            {"CreatorType User", List.of(List.of("CreatorType", "User")), Set.of(made)},
            {"CreatorType Service", List.of(List.of("CreatorType", "Service")), Set.of()},
            {"Creator", List.of(List.of("Creator", facts.account)), Set.of(made)},
            {"another Creator", List.of(List.of("Creator", "1")), Set.of()},
            {"DKMSInstanceId", List.of(List.of("DKMSInstanceId", "kst-hzz62d8f5e0sgtx8habcd")), Set.of()},
            {"keyId", List.of(List.of("keyId", made[0], made[2])), Set.of(made[0], made[2])},
            {"AliasName", List.of(List.of("AliasName", name)), Set.of(made[2])},
            {"two keys that must both match",
                List.of(List.of("KeyState", "Enabled"), List.of("KeySpec", "Aliyun_AES_256", "Aliyun_SM4")), Set.of(made[0])},
            {"one key given twice, which ORs",
                List.of(List.of("KeySpec", "Aliyun_SM4"), List.of("KeySpec", "EC_P256")), Set.of(made[1], made[2])},
        };
        for (Object[] row : rows) {
            check("ListKeys by " + row[0], () -> {
                @SuppressWarnings("unchecked")
                List<List<String>> pairs = new ArrayList<>((List<List<String>>) row[1]);
                pairs.add(own);
                Map<String, Object> answer = call("ListKeys", of("Filters", filters(pairs.toArray(List[]::new)), "PageSize", 100));
                Set<Object> seen = list(answer, "Keys", "Key").stream().map(entry -> entry.get("KeyId")).collect(Collectors.toSet());
                equal(seen, row[2], "keys");
                equal(answer.get("TotalCount"), seen.size(), "TotalCount");
            });
        }
        List<String> values = new ArrayList<>(List.of("TagValue"));
        for (int number = 0; number < 11; number++) {
            values.add("" + number);
        }
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("an unknown key", filters(List.of("Colour", "blue")));
        wrong.put("eleven values", filters(values));
        wrong.put("eleven pairs", filters(Collections.nCopies(11, own).toArray(List[]::new)));
        wrong.put("no list", "{\"Key\":\"KeyState\",\"Values\":[\"Enabled\"]}");
        wrong.put("a value that is no text", "[{\"Key\":\"KeyState\",\"Values\":[1]}]");
        wrong.forEach((what, text) -> refuses("ListKeys by " + what, 400, "InvalidParameter", "ListKeys", of("Filters", text)));
        check("ListKeys by ten pairs and ten values", () -> {
            List<List<String>> pairs = new ArrayList<>(Collections.nCopies(9, own));
            pairs.add(values.subList(0, 11));
            equal(call("ListKeys", of("Filters", filters(pairs.toArray(List[]::new)))).get("TotalCount"), 0, "TotalCount");
        });
    }

    /** Data keys that are kept as the versions of a generic secret. */
    void managedDataKeys() {
        Map<String, Object> name = of("DataKeyName", id + "/managed");
        Map<String, String> keys = new LinkedHashMap<>();
        if (!check("a managed data key of three versions", () -> {
            for (String version : List.of("v1", "v2", "v3")) {
                keys.put(version, encode(random(32)));
                call(version.equals("v1") ? "CreateSecret" : "PutSecretValue",
                        of("SecretName", name.get("DataKeyName"), "VersionId", version, "SecretData", keys.get(version)));
            }
            call("CreateSecret", of("SecretName", id + "/no-data-key", "VersionId", "v1", "SecretData", "no base64!"));
        })) {
            return;
        }
        check("GetManagedDataKey gives the first version, the newest, or the one that is asked for", () -> {
            managed(name, keys, "v1");
            managed(with(name, "UseLatest", false), keys, "v1");
            managed(with(name, "UseLatest", true), keys, "v3");
            managed(with(name, "UseLatest", true, "DataKeyVersionId", "v2"), keys, "v2");
        });
        check("ListManagedDataKeyVersions: defaults, pages, entries", () -> {
            Map<String, Object> whole = call("ListManagedDataKeyVersions", name);
            equal(whole.get("DataKeyName"), name.get("DataKeyName"), "DataKeyName");
            // The SDK has no type for this answer, so its numbers come as the JSON parser likes them.
            for (var number : Map.of("PageNumber", 1, "PageSize", 10, "TotalCount", 3).entrySet()) {
                equal(((Number) whole.get(number.getKey())).intValue(), number.getValue(), number.getKey());
            }
            Map<Object, Object> seen = new LinkedHashMap<>();
            for (int page = 1; page <= 2; page++) {
                Map<String, Object> answer = call("ListManagedDataKeyVersions", with(name, "PageNumber", page, "PageSize", 2));
                list(answer, "ManagedDataKeyVersions", "ManagedDataKeyVersion")
                        .forEach(entry -> seen.put(entry.get("DataKeyVersionId"), entry.get("DataKeyVersionName")));
            }
            equal(seen.keySet(), keys.keySet(), "versions");
            for (String version : keys.keySet()) {
                equal(seen.get(version), managed(with(name, "DataKeyVersionId", version), keys, version), "DataKeyVersionName");
            }
        });
        check("managed data keys that are not there are refused", () -> {
            for (String action : List.of("GetManagedDataKey", "ListManagedDataKeyVersions")) {
                refusedNow(404, "Forbidden.ResourceNotFound", action, of("DataKeyName", id + "/none"));
                refusedNow(400, "MissingDataKeyName", action, of());
            }
            refusedNow(404, "Forbidden.ResourceNotFound", "GetManagedDataKey", with(name, "DataKeyVersionId", "v9"));
            refusedNow(400, "UnsupportedOperation", "GetManagedDataKey", of("DataKeyName", id + "/no-data-key"));
            refusedNow(400, "InvalidParameter", "ListManagedDataKeyVersions", with(name, "PageSize", 101));
        });
    }

    /** Reads a version of a managed data key, and gives the version's name. */
    private Object managed(Map<String, Object> parameters, Map<String, String> keys, String version) throws Exception {
        Map<String, Object> answer = call("GetManagedDataKey", parameters);
        fields(answer, of(
                "DataKeyName", parameters.get("DataKeyName"), "DataKeyVersionId", version, "Plaintext", keys.get(version)));
        return answer.get("DataKeyVersionName");
    }
}
