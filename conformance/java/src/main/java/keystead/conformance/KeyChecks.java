package keystead.conformance;

import static keystead.conformance.Harness.empty;
import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Regions, keys, key states and aliases. */
abstract class KeyChecks extends Checks {
    static final Pattern KEY_ID = Pattern.compile("key-[a-z]{3}[0-9a-f]{8}[0-9a-z]{10}");
    static final Pattern VERSION_ID = Pattern.compile("[0-9A-Za-z-]{36}");

    KeyChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag) {
        super(harness, kms, facts, tag);
    }

    void regionsAndKeys() {
        check("DescribeRegions names the server's region", () -> holds(
                list(call("DescribeRegions", of()), "Regions", "Region").stream()
                        .anyMatch(region -> facts.region.equals(region.get("RegionId"))),
                "the own region is missing"));
        check("CreateKey without parameters gives an Aliyun_AES_256 key", () -> {
            Map<String, Object> metadata = newKey(of());
            empty(metadata, "Description");
            metadataIs(metadata, of());
            key = metadata;
            keyId = (String) metadata.get("KeyId");
        });
        if (key == null) {
            return;
        }
        check("CreateKey with parameters echoes them", () -> {
            String text = id + " é 密 a+b*c~d e=f&g%h";
            Map<String, Object> expected = of("Description", text, "ProtectionLevel", "SOFTWARE");
            metadataIs(
                    newKey(with(
                            expected,
                            "KeySpec", "Aliyun_AES_256",
                            "KeyUsage", "ENCRYPT/DECRYPT",
                            "Origin", "Aliyun_KMS",
                            "EnableAutomaticRotation", false,
                            "Tags", "[{\"TagKey\":\"team\",\"TagValue\":\"a b\"}]")),
                    expected);
        });
        check("DescribeKey by id", () -> described(keyId));
        check("DescribeKey by ARN", () -> described(arn("key/", keyId)));
        refuses("CreateKey with an unknown KeySpec", 400, "InvalidParameter", "CreateKey", of("KeySpec", "Aliyun_AES_257"));
        refuses("CreateKey with an unknown Origin", 400, "InvalidParameter", "CreateKey", of("Origin", "Elsewhere"));
        refuses("CreateKey with a KeyUsage that the spec cannot have", 400, "InvalidParameter", "CreateKey", of("KeyUsage", "SIGN/VERIFY"));
        for (String action : List.of("DescribeKey", "EnableKey", "DisableKey")) {
            refuses(action + " of an unknown key", 404, "Forbidden.KeyNotFound", action, of("KeyId", UNKNOWN_KEY));
        }
    }

    /** Every field of KeyMetadata of an enabled default key. */
    void metadataIs(Map<String, Object> metadata, Map<String, Object> expected) {
        String name = String.valueOf(metadata.get("KeyId"));
        matches(KEY_ID, name, "KeyId");
        holds(!facts.region.equals("cn-hangzhou") || name.startsWith("key-hzz"), "KeyId " + name + " does not begin key-hzz");
        Duration age = Duration.between(Instant.parse((String) metadata.get("CreationDate")), Instant.now());
        holds(age.toMinutes() > -1 && age.toMinutes() < 60, "CreationDate is " + age + " ago");
        matches(TIME, metadata.get("CreationDate"), "CreationDate");
        matches(TIME, metadata.get("LastRotationDate"), "LastRotationDate");
        matches(VERSION_ID, metadata.get("PrimaryKeyVersion"), "PrimaryKeyVersion");
        Map<String, Object> all = of(
                "Arn", arn("key/", name),
                "Creator", facts.account,
                "KeySpec", "Aliyun_AES_256",
                "KeyUsage", "ENCRYPT/DECRYPT",
                "KeyState", "Enabled",
                "Origin", "Aliyun_KMS",
                "AutomaticRotation", "Disabled");
        all.putAll(expected);
        fields(metadata, all);
        Object level = metadata.get("ProtectionLevel");
        holds("SOFTWARE".equals(level) || "HSM".equals(level), "ProtectionLevel is " + level);
        empty(metadata, "DKMSInstanceId", "DeleteDate", "MaterialExpireTime", "NextRotationDate", "RotationInterval");
    }

    void described(String name) throws Exception {
        Map<String, Object> metadata = map(call("DescribeKey", of("KeyId", name)).get("KeyMetadata"));
        metadataIs(metadata, of("KeyId", keyId, "DeletionProtection", "Disabled"));
        for (String field : List.of("Arn", "CreationDate", "PrimaryKeyVersion", "LastRotationDate", "ProtectionLevel")) {
            equal(metadata.get(field), key.get(field), field);
        }
    }

    void aliases() {
        alias = "alias/" + id + "/main_1";
        check("CreateAlias", () -> call("CreateAlias", of("AliasName", alias, "KeyId", keyId)));
        refuses("CreateAlias of a name in use", 400, "AliasAlreadyExists", "CreateAlias", of("AliasName", alias, "KeyId", keyId));
        refuses("CreateAlias without the prefix alias/", 400, "InvalidParameter", "CreateAlias", of("AliasName", id, "KeyId", keyId));
        refuses("CreateAlias for an unknown key", 404, "Forbidden.KeyNotFound", "CreateAlias", of("AliasName", "alias/" + id + "/none", "KeyId", UNKNOWN_KEY));
        check("DescribeKey by alias", () -> described(alias));
        for (String action : List.of("DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext")) {
            Map<String, Object> parameters = of("KeyId", "alias/there-is-no-such-alias");
            if (action.equals("Encrypt")) {
                parameters.put("Plaintext", "x");
            }
            refuses(action + " with an unknown alias", 404, "Forbidden.AliasNotFound", action, parameters);
        }
        for (String action : List.of("EnableKey", "DisableKey")) {
            refuses(action + " with an alias", 400, "Unsupported.Alias", action, of("KeyId", alias));
        }
        check("ListAliases: defaults, pages, entries", () -> {
            List<String> names = names(number -> "alias/" + id + "/list-" + number);
            Map<String, Map<String, Object>> found = pages("ListAliases", "Aliases", "Alias", "AliasName", number ->
                    call("CreateAlias", of("AliasName", names.get(number), "KeyId", keyId)));
            names.add(alias);
            for (String name : names) {
                equal(found.get(name), of("AliasName", name, "KeyId", keyId, "AliasArn", arn("", name)), name);
            }
        });
    }

    void keyLists() {
        check("ListKeys: defaults, pages, entries", () -> {
            List<String> made = new ArrayList<>();
            Map<String, Map<String, Object>> found =
                    pages("ListKeys", "Keys", "Key", "KeyId", number -> made.add((String) newKey(of()).get("KeyId")));
            for (String name : made) {
                equal(found.get(name), of("KeyId", name, "KeyArn", arn("key/", name)), name);
            }
        });
        refuses("ListKeys with a PageSize of 101", 400, "InvalidParameter", "ListKeys", of("PageSize", 101));
        check("ListKeys with Filters", () -> {
            Object disabled = newKey(of()).get("KeyId");
            call("DisableKey", of("KeyId", disabled));
            Map<String, Object> answer = call("ListKeys", of("Filters", "[{\"Key\":\"KeyState\",\"Values\":[\"Disabled\"]}]", "PageSize", 100));
            List<Object> ids = list(answer, "Keys", "Key").stream().map(entry -> entry.get("KeyId")).collect(Collectors.toList());
            holds(ids.contains(disabled) && !ids.contains(keyId), ids.size() + " keys, the wrong ones");
            equal(answer.get("TotalCount"), ids.size(), "TotalCount");
        });
        refuses("ListKeys with Filters that are no JSON", 400, "InvalidParameter", "ListKeys", of("Filters", "KeyState=Disabled"));
    }

    void states() {
        Map<String, Object> name = of();
        Map<String, Object> blob = of();
        if (!check("CreateKey for the key states", () -> {
            name.put("KeyId", newKey(of()).get("KeyId"));
            blob.put("CiphertextBlob", call("Encrypt", with(name, "Plaintext", "kept")).get("CiphertextBlob"));
        })) {
            return;
        }
        check("EnableKey of an enabled key", () -> call("EnableKey", name));
        check("DisableKey", () -> call("DisableKey", name));
        check("DisableKey of a disabled key", () -> call("DisableKey", name));
        check("DescribeKey says Disabled", () -> equal(state(name), "Disabled", "KeyState"));
        refuses("Encrypt with a disabled key", 409, "Rejected.Disabled", "Encrypt", with(name, "Plaintext", "x"));
        refuses("Decrypt with a disabled key", 409, "Rejected.Disabled", "Decrypt", blob);
        refuses("GenerateDataKey with a disabled key", 409, "Rejected.Disabled", "GenerateDataKey", name);
        refuses("GenerateDataKeyWithoutPlaintext with a disabled key", 409, "Rejected.Disabled", "GenerateDataKeyWithoutPlaintext", name);
        check("EnableKey", () -> call("EnableKey", name));
        check("an enabled key works again", () -> {
            equal(state(name), "Enabled", "KeyState");
            equal(call("Decrypt", blob).get("Plaintext"), "kept", "Plaintext");
            call("Encrypt", with(name, "Plaintext", "x"));
            call("GenerateDataKey", name);
        });
    }

    Object state(Map<String, Object> name) throws Exception {
        return map(call("DescribeKey", name).get("KeyMetadata")).get("KeyState");
    }
}
