package keystead.conformance;

import static keystead.conformance.Harness.empty;
import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;
import static keystead.conformance.Harness.refused;

import com.google.gson.Gson;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import keystead.conformance.KmsClient.Overrides;

/** The checks that run in every signature version. Names of parameters and fields are those of the wire. */
final class Suite {
    static final Pattern REQUEST_ID = Pattern.compile("[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}");
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    private static final Pattern KEY_ID = Pattern.compile("key-[a-z]{3}[0-9a-f]{8}[0-9a-z]{10}");
    private static final Pattern VERSION_ID = Pattern.compile("[0-9A-Za-z-]{36}");
    private static final String UNKNOWN_KEY = "key-hzz00000000aaaaaaaaaa";
    private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
    private static final String DIGITS = "0123456789";
    private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private final Harness harness;
    private final KmsClient kms;
    private final ServerFacts facts;
    private final String tag;
    private final String id;
    private Map<String, Object> key;
    private String keyId;
    private String alias;
    private String secret;
    private String initial;

    Suite(Harness harness, KmsClient kms, ServerFacts facts, String tag) {
        this.harness = harness;
        this.kms = kms;
        this.facts = facts;
        this.tag = tag;
        this.id = tag.toLowerCase().replaceAll("[^a-z0-9]+", "-") + "-" + hex(4);
    }

    void run() {
        regionsAndKeys();
        if (key == null) {
            check("the remaining checks", () -> holds(false, "not run, for there is no key"));
            return;
        }
        aliases();
        keyLists();
        encryption();
        contexts();
        dataKeys();
        states();
        passwords();
        secrets();
        secretVersions();
        secretLists();
        secretSizes();
        missingParameters();
        refuses("ListNetworkRules, not offered yet,", 400, "UnsupportedOperation", "ListNetworkRules", of());
        refuses("an unknown operation", 404, "InvalidAction.NotFound", "NoSuchOperation", of());
        clockAndReplay();
    }

    static Map<String, Object> answered(Map<String, Object> answer) {
        matches(REQUEST_ID, answer.get("RequestId"), "RequestId");
        return answer;
    }

    // Regions and keys

    private void regionsAndKeys() {
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
    private void metadataIs(Map<String, Object> metadata, Map<String, Object> expected) {
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

    private void described(String name) throws Exception {
        Map<String, Object> metadata = map(call("DescribeKey", of("KeyId", name)).get("KeyMetadata"));
        metadataIs(metadata, of("KeyId", keyId, "DeletionProtection", "Disabled"));
        for (String field : List.of("Arn", "CreationDate", "PrimaryKeyVersion", "LastRotationDate", "ProtectionLevel")) {
            equal(metadata.get(field), key.get(field), field);
        }
    }

    private void aliases() {
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

    private interface Make {
        void one(int number) throws Exception;
    }

    /** Makes eleven things, then walks a list operation: its defaults, its pages and its counts. */
    private Map<String, Map<String, Object>> pages(String action, String outer, String inner, String name, Make make)
            throws Exception {
        int before = (Integer) call(action, of("PageSize", 1)).get("TotalCount");
        for (int number = 0; number < 11; number++) {
            make.one(number);
        }
        int total = before + 11;
        Map<String, Object> first = call(action, of());
        fields(first, of("PageNumber", 1, "PageSize", 10, "TotalCount", total));
        equal(list(first, outer, inner).size(), 10, "number of entries");
        Map<String, Map<String, Object>> found = new HashMap<>();
        int count = 0;
        for (int number = 1; number <= (total + 6) / 7; number++) {
            Map<String, Object> page = call(action, of("PageNumber", number, "PageSize", 7));
            fields(page, of("PageNumber", number, "PageSize", 7, "TotalCount", total));
            for (Map<String, Object> entry : list(page, outer, inner)) {
                found.put((String) entry.get(name), entry);
                count++;
            }
        }
        equal(count, total, "number of entries over all pages");
        equal(found.size(), total, "number of different entries");
        Map<String, Object> beyond = call(action, of("PageNumber", 99, "PageSize", 100));
        fields(beyond, of("TotalCount", total));
        equal(list(beyond, outer, inner).size(), 0, "number of entries beyond the last page");
        return found;
    }

    private void keyLists() {
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

    // Cryptography

    private String roundTrip(String name, String text, Map<String, ?> context, Map<String, ?> readContext) throws Exception {
        Map<String, Object> encrypt = of("KeyId", name, "Plaintext", text);
        if (context != null) {
            encrypt.put("EncryptionContext", context);
        }
        Map<String, Object> sealed = call("Encrypt", encrypt);
        fields(sealed, of("KeyId", keyId, "KeyVersionId", key.get("PrimaryKeyVersion")));
        String head = new String(decode(sealed.get("CiphertextBlob")), 0, 36, StandardCharsets.US_ASCII);
        equal(head, sealed.get("KeyVersionId"), "version id at the head of the blob");
        Map<String, Object> decrypt = of("CiphertextBlob", sealed.get("CiphertextBlob"));
        if (readContext != null) {
            decrypt.put("EncryptionContext", readContext);
        }
        fields(call("Decrypt", decrypt), of("Plaintext", text, "KeyId", keyId, "KeyVersionId", key.get("PrimaryKeyVersion")));
        return (String) sealed.get("CiphertextBlob");
    }

    private String roundTrip(String name, String text) throws Exception {
        return roundTrip(name, text, null, null);
    }

    private void encryption() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("text that is no base64", "plaintext");
        texts.put("text beyond ASCII", "Grüße, 密钥 и ключ 🔑");
        texts.put("base64 text", everyByte());
        texts.put("text that URLs escape", " a+b*c~d/e=f&g%20h?i#j'k(l)!\"m\\n<>\t\r\n.");
        texts.put("one character", "x");
        texts.forEach((name, text) -> check("Encrypt and Decrypt " + name, () -> roundTrip(keyId, text)));
        check("Encrypt by alias names the real key", () -> roundTrip(alias, "by alias"));
        check("Encrypt by ARN names the real key", () -> roundTrip(arn("key/", keyId), "by ARN"));
        check("Encrypt by alias ARN names the real key", () -> roundTrip(arn("", alias), "by alias ARN"));
        check("Encrypt never gives the same blob twice", () ->
                holds(!roundTrip(keyId, "same").equals(roundTrip(keyId, "same")), "two encryptions gave one blob"));
        check("Encrypt of 6144 bytes", () -> roundTrip(keyId, "a".repeat(6144)));
        check("Encrypt of 6144 bytes in 2048 characters", () -> roundTrip(keyId, "密".repeat(2048)));
        refuses("Encrypt of 6145 bytes", 400, "InvalidParameter", "Encrypt", of("KeyId", keyId, "Plaintext", "a".repeat(6145)));
        refuses("Encrypt of 6145 bytes in 2049 characters", 400, "InvalidParameter", "Encrypt", of("KeyId", keyId, "Plaintext", "密".repeat(2048) + "a"));
        refuses("Encrypt with an unknown key", 404, "Forbidden.KeyNotFound", "Encrypt", of("KeyId", UNKNOWN_KEY, "Plaintext", "x"));
        for (int position : new int[] {-1, 36, 50}) {
            check("Decrypt of a blob with byte " + position + " changed is refused", () -> {
                byte[] blob = decode(roundTrip(keyId, "to be broken"));
                blob[Math.floorMod(position, blob.length)] ^= 1;
                decryptRefused(400, "InvalidParameter", blob);
            });
        }
        check("Decrypt of a blob that was cut off is refused", () ->
                decryptRefused(400, "InvalidParameter", Arrays.copyOf(decode(roundTrip(keyId, "to be cut")), 48)));
        refuses("Decrypt of what is no base64", 400, "InvalidParameter", "Decrypt", of("CiphertextBlob", "!no base64!"));
        check("Decrypt of a blob of an unknown key is refused", () -> {
            byte[] blob = Arrays.copyOf("00000000-0000-4000-8000-000000000000".getBytes(StandardCharsets.US_ASCII), 96);
            decryptRefused(404, "Forbidden.KeyNotFound", blob);
        });
    }

    private void decryptRefused(int status, String code, byte[] blob) throws Exception {
        refusedNow(status, code, "Decrypt", of("CiphertextBlob", Base64.getEncoder().encodeToString(blob)));
    }

    private void contexts() {
        Map<String, Object> context = of("purpose", "backup", "owner", "Jürgen & 密", "zone", "a+b=c");
        Map<String, Object> otherOrder = of("zone", "a+b=c", "owner", "Jürgen & 密", "purpose", "backup");
        check("EncryptionContext is bound and can be given again", () -> roundTrip(keyId, "x", context, context));
        check("EncryptionContext may be given in another order", () -> roundTrip(keyId, "x", context, otherOrder));
        Object[] sealed = {null};
        check("Encrypt with EncryptionContext", () -> sealed[0] =
                call("Encrypt", of("KeyId", keyId, "Plaintext", "x", "EncryptionContext", context)).get("CiphertextBlob"));
        of(
                "another value", with(context, "purpose", "restore"),
                "a pair missing", of("purpose", "backup"),
                "a pair more", with(context, "more", "1"))
                .forEach((name, pairs) -> refuses("Decrypt with an EncryptionContext with " + name, 400, "InvalidParameter", "Decrypt",
                        of("CiphertextBlob", sealed[0], "EncryptionContext", pairs)));
        refuses("Decrypt without the EncryptionContext", 400, "InvalidParameter", "Decrypt", of("CiphertextBlob", sealed[0]));
        check("Decrypt with an EncryptionContext that Encrypt did not have is refused", () -> {
            String blob = roundTrip(keyId, "x");
            refusedNow(400, "InvalidParameter", "Decrypt", of("CiphertextBlob", blob, "EncryptionContext", context));
        });
        of("a number", 1, "a list", List.of("b"), "a nested object", of("b", "c"))
                .forEach((name, value) -> refuses("Encrypt with " + name + " in the EncryptionContext", 400, "InvalidParameter", "Encrypt",
                        of("KeyId", keyId, "Plaintext", "x", "EncryptionContext", of("a", value))));
    }

    private void dataKeys() {
        for (String action : List.of("GenerateDataKey", "GenerateDataKeyWithoutPlaintext")) {
            check(action + ", default", () -> generated(action, keyId, of(), 32));
            check(action + ", AES_256", () -> generated(action, keyId, of("KeySpec", "AES_256"), 32));
            check(action + ", AES_128", () -> generated(action, keyId, of("KeySpec", "AES_128"), 16));
            check(action + ", 1 byte", () -> generated(action, keyId, of("NumberOfBytes", 1), 1));
            check(action + ", 1024 bytes", () -> generated(action, keyId, of("NumberOfBytes", 1024), 1024));
            check(action + ", 24 bytes before AES_128", () -> generated(action, keyId, of("NumberOfBytes", 24, "KeySpec", "AES_128"), 24));
            check(action + ", with EncryptionContext", () -> generated(action, keyId, of("EncryptionContext", of("a", "b")), 32));
            check(action + " by alias", () -> generated(action, alias, of(), 32));
            check(action + " by ARN", () -> generated(action, arn("key/", keyId), of(), 32));
            refuses(action + " with 1025 bytes", 400, "InvalidParameter", action, of("KeyId", keyId, "NumberOfBytes", 1025));
            refuses(action + " with an unknown KeySpec", 400, "InvalidParameter", action, of("KeyId", keyId, "KeySpec", "AES_512"));
            refuses(action + " with an unknown key", 404, "Forbidden.KeyNotFound", action, of("KeyId", UNKNOWN_KEY));
        }
        check("GenerateDataKey never gives the same key twice", () -> holds(
                !generated("GenerateDataKey", keyId, of(), 32).equals(generated("GenerateDataKey", keyId, of(), 32)),
                "the same key twice"));
    }

    private Object generated(String action, String name, Map<String, Object> parameters, int size) throws Exception {
        Map<String, Object> answer = call(action, with(parameters, "KeyId", name));
        fields(answer, of("KeyId", keyId, "KeyVersionId", key.get("PrimaryKeyVersion")));
        Map<String, Object> decrypt = of("CiphertextBlob", answer.get("CiphertextBlob"));
        if (parameters.containsKey("EncryptionContext")) {
            decrypt.put("EncryptionContext", parameters.get("EncryptionContext"));
        }
        Object opened = call("Decrypt", decrypt).get("Plaintext");
        equal(decode(opened).length, size, "number of bytes");
        if (action.equals("GenerateDataKey")) {
            equal(answer.get("Plaintext"), opened, "Plaintext");
        } else {
            empty(answer, "Plaintext");
        }
        return opened;
    }

    private void states() {
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

    private Object state(Map<String, Object> name) throws Exception {
        return map(call("DescribeKey", name).get("KeyMetadata")).get("KeyState");
    }

    // Passwords

    private void passwords() {
        Map<String, Object> classes = of(
                "ExcludeLowercase", LOWER,
                "ExcludeUppercase", LOWER.toUpperCase(),
                "ExcludeNumbers", DIGITS,
                "ExcludePunctuation", PUNCTUATION);
        check("GetRandomPassword: 32 characters of all classes", () -> password(32, of(), "", classes));
        for (int length : new int[] {8, 64, 128}) {
            check("GetRandomPassword of " + length + " characters", () -> password(length, of("PasswordLength", "" + length), "", classes));
        }
        for (String length : List.of("7", "129", "long")) {
            refuses("GetRandomPassword of " + length + " characters", 400, "InvalidParameter", "GetRandomPassword", of("PasswordLength", length));
        }
        Map<String, Object> none = of();
        classes.forEach((parameter, members) -> {
            none.put(parameter, "true");
            check("GetRandomPassword with " + parameter, () -> password(32, of(parameter, "true"), (String) members, of()));
        });
        refuses("GetRandomPassword without any class", 400, "InvalidParameter", "GetRandomPassword", none);
        String unwanted = "aeiouAEIOU013579+&=%#\"'\\~";
        check("GetRandomPassword with ExcludeCharacters", () ->
                password(128, of("PasswordLength", "128", "ExcludeCharacters", unwanted), unwanted, of()));
        check("GetRandomPassword with RequireEachIncludedType", () ->
                password(8, of("PasswordLength", "8", "RequireEachIncludedType", "true"), "", classes));
        check("GetRandomPassword never gives the same password twice", () ->
                holds(!password(32, of(), "", of()).equals(password(32, of(), "", of())), "the same password twice"));
    }

    private String password(int length, Map<String, Object> parameters, String absent, Map<String, Object> required)
            throws Exception {
        String text = (String) call("GetRandomPassword", parameters).get("RandomPassword");
        equal(text.length(), length, "length");
        holds(any(text, LOWER + LOWER.toUpperCase() + DIGITS + PUNCTUATION) == length, "a character outside the four classes");
        holds(any(text, absent) == 0, "an excluded character");
        required.values().forEach(members -> holds(any(text, (String) members) > 0, "no character of " + members));
        return text;
    }

    private static long any(String text, String members) {
        return text.chars().filter(character -> members.indexOf(character) >= 0).count();
    }

    // Secrets

    private void secrets() {
        secret = id + "/app.db+main=1@x-y_z";
        initial = " p@ss w0rd+&=%25~*\"'<>/\\ Grüße 密钥 🔑\r\n\t#";
        String description = "for " + id + " é";
        Map<String, Object> name = of("SecretName", secret);
        Map<String, Object> none = of("SecretName", id + "/none");
        check("CreateSecret", () -> {
            Map<String, Object> answer = call("CreateSecret", with(
                    name,
                    "VersionId", "v1",
                    "SecretData", initial,
                    "Description", description,
                    "Tags", "[{\"TagKey\":\"team\",\"TagValue\":\"blue\"},{\"TagKey\":\"" + id + "\",\"TagValue\":\"a b\"}]"));
            fields(answer, of("Arn", arn("secret/", secret), "SecretName", secret, "VersionId", "v1", "SecretType", "Generic"));
            empty(answer, "ExtendedConfig", "NextRotationDate", "RotationInterval", "DKMSInstanceId");
        });
        refuses("CreateSecret of a name in use", 409, "Rejected.ResourceExist", "CreateSecret", with(name, "VersionId", "v9", "SecretData", "x"));
        check("GetSecretValue", () -> valueIs(secret, "v1", initial, of(), "ACSCurrent"));
        check("GetSecretValue by stage", () -> valueIs(secret, "v1", initial, of("VersionStage", "ACSCurrent"), "ACSCurrent"));
        check("GetSecretValue by version id", () -> valueIs(secret, "v1", initial, of("VersionId", "v1"), "ACSCurrent"));
        refuses("GetSecretValue of an unknown secret", 404, "Forbidden.ResourceNotFound", "GetSecretValue", none);
        refuses("GetSecretValue of an unknown version", 404, "Forbidden.ResourceNotFound", "GetSecretValue", with(name, "VersionId", "v0"));
        refuses("GetSecretValue of an unknown stage", 404, "Forbidden.ResourceNotFound", "GetSecretValue", with(name, "VersionStage", "ACSPrevious"));
        refuses("DescribeSecret of an unknown secret", 404, "Forbidden.ResourceNotFound", "DescribeSecret", none);
        refuses("PutSecretValue to an unknown secret", 404, "Forbidden.ResourceNotFound", "PutSecretValue", with(none, "VersionId", "v1", "SecretData", "x"));
        for (boolean fetch : new boolean[] {true, false}) {
            check("DescribeSecret " + (fetch ? "with its tags" : "without tags"), () -> {
                Map<String, Object> answer = call("DescribeSecret", fetch ? with(name, "FetchTags", "true") : name);
                fields(answer, of("Arn", arn("secret/", secret), "SecretName", secret, "SecretType", "Generic", "Description", description));
                matches(TIME, answer.get("CreateTime"), "CreateTime");
                matches(TIME, answer.get("UpdateTime"), "UpdateTime");
                empty(answer, "PlannedDeleteTime", "DKMSInstanceId", "ExtendedConfig", "RotationInterval");
                equal(tags(answer), fetch ? List.of(id + "=a b", "team=blue").stream().sorted().collect(Collectors.toList()) : List.of(), "Tags");
            });
        }
        of("longer than 192 characters", "n".repeat(193), "with the prefix acs/", "acs/" + id, "with a blank", id + " x")
                .forEach((what, bad) -> refuses("CreateSecret with a name " + what, 400, "InvalidParameter", "CreateSecret",
                        of("SecretName", bad, "VersionId", "v1", "SecretData", "x")));
        check("a binary secret comes back as it went in", () -> {
            String binary = id + "/binary";
            call("CreateSecret", of("SecretName", binary, "VersionId", "v1", "SecretData", everyByte(), "SecretDataType", "binary"));
            valueIs(binary, "v1", everyByte(), of("SecretDataType", "binary"), "ACSCurrent");
        });
    }

    /** `how` selects the version; a SecretDataType in it is what is expected instead of text. */
    private void valueIs(String name, String version, String data, Map<String, Object> how, String... stages) throws Exception {
        Map<String, Object> select = with(how, "SecretName", name);
        Object type = select.remove("SecretDataType");
        Map<String, Object> answer = call("GetSecretValue", select);
        fields(answer, of(
                "SecretName", name,
                "VersionId", version,
                "SecretData", data,
                "SecretDataType", type == null ? "text" : type,
                "SecretType", "Generic"));
        equal(stages(answer), new TreeSet<>(List.of(stages)), "VersionStages");
        matches(TIME, answer.get("CreateTime"), "CreateTime");
        empty(answer, "ExtendedConfig", "NextRotationDate", "RotationInterval");
    }

    private static TreeSet<Object> stages(Map<String, Object> answer) {
        return new TreeSet<>((List<?>) map(answer.get("VersionStages")).get("VersionStage"));
    }

    private static List<String> tags(Map<String, Object> answer) {
        if (answer.get("Tags") == null) {
            return List.of();
        }
        return list(answer, "Tags", "Tag").stream()
                .map(entry -> entry.get("TagKey") + "=" + entry.get("TagValue"))
                .sorted()
                .collect(Collectors.toList());
    }

    private void secretVersions() {
        Map<String, Object> previous = of("VersionStage", "ACSPrevious");
        check("PutSecretValue moves ACSCurrent and ACSPrevious", () -> {
            put("v2", "second", of(), "ACSCurrent");
            valueIs(secret, "v2", "second", of(), "ACSCurrent");
            valueIs(secret, "v1", initial, previous, "ACSPrevious");
            put("v3", "third", of(), "ACSCurrent");
            valueIs(secret, "v3", "third", of(), "ACSCurrent");
            valueIs(secret, "v2", "second", previous, "ACSPrevious");
            valueIs(secret, "v1", initial, of("VersionId", "v1"));
        });
        check("PutSecretValue with the same id and value changes nothing", () -> {
            put("v3", "third", of(), "ACSCurrent");
            valueIs(secret, "v3", "third", of(), "ACSCurrent");
            valueIs(secret, "v2", "second", previous, "ACSPrevious");
        });
        refuses("PutSecretValue with the same id and another value", 409, "Rejected.ResourceExist", "PutSecretValue",
                of("SecretName", secret, "VersionId", "v3", "SecretData", "other"));
        refuses("GetSecretValue with an id and a stage of different versions", 404, "Forbidden.ResourceNotFound", "GetSecretValue",
                of("SecretName", secret, "VersionId", "v2", "VersionStage", "ACSCurrent"));
        check("PutSecretValue with VersionStages moves those labels", () -> {
            put("v4", "fourth", of("VersionStages", "[\"blue\"]"), "blue");
            valueIs(secret, "v4", "fourth", of("VersionStage", "blue"), "blue");
            valueIs(secret, "v3", "third", of(), "ACSCurrent");
            put("v5", "fifth", of("VersionStages", "[\"ACSCurrent\",\"blue\"]"), "ACSCurrent", "blue");
            valueIs(secret, "v5", "fifth", of(), "ACSCurrent", "blue");
            valueIs(secret, "v3", "third", previous, "ACSPrevious");
            valueIs(secret, "v4", "fourth", of("VersionId", "v4"));
        });
        check("PutSecretValue of binary data", () -> {
            put("v6", "AAECAw==", of("SecretDataType", "binary"), "ACSCurrent");
            valueIs(secret, "v6", "AAECAw==", of("SecretDataType", "binary"), "ACSCurrent");
        });
    }

    private void put(String version, String data, Map<String, Object> more, String... stages) throws Exception {
        Map<String, Object> answer = call("PutSecretValue", with(more, "SecretName", secret, "VersionId", version, "SecretData", data));
        fields(answer, of("SecretName", secret, "VersionId", version));
        equal(stages(answer), new TreeSet<>(List.of(stages)), "VersionStages");
    }

    private void secretLists() {
        List<String> names = names(number -> String.format("%s/list-%02d", id, number));
        check("ListSecrets: defaults, pages, entries", () -> {
            Map<String, Map<String, Object>> found = pages("ListSecrets", "SecretList", "Secret", "SecretName", number ->
                    call("CreateSecret", of("SecretName", names.get(number), "VersionId", "v1", "SecretData", "x")));
            for (String name : names) {
                Map<String, Object> entry = found.get(name);
                holds(entry != null, name + " is not listed");
                matches(TIME, entry.get("CreateTime"), "CreateTime");
                matches(TIME, entry.get("UpdateTime"), "UpdateTime");
                equal(entry.get("SecretType"), "Generic", "SecretType");
                empty(entry, "PlannedDeleteTime");
            }
        });
        refuses("ListSecrets with a PageSize of 101", 400, "InvalidParameter", "ListSecrets", of("PageSize", 101));
        String one = names.get(5);
        String other = names.get(6);
        check("ListSecrets by name", () -> filtered(of("SecretName", List.of(one)), one));
        check("ListSecrets by two names", () -> filtered(of("SecretName", List.of(one, other)), one, other));
        check("ListSecrets by a filter that nothing meets", () -> filtered(of("SecretName", List.of(id + "/no"))));
        check("ListSecrets by tag, with tags", () -> {
            Map<String, Object> entry = filtered(of("TagKey", List.of(id), "TagValue", List.of("a b")), secret).get(0);
            equal(tags(entry), List.of(id + "=a b", "team=blue").stream().sorted().collect(Collectors.toList()), "Tags");
        });
    }

    private List<Map<String, Object>> filtered(Map<String, Object> filters, String... expected) throws Exception {
        List<Object> pairs = new ArrayList<>();
        filters.forEach((name, values) -> pairs.add(of("Key", name, "Values", values)));
        Map<String, Object> answer = call("ListSecrets", of("Filters", new Gson().toJson(pairs), "FetchTags", "true"));
        List<Map<String, Object>> entries = list(answer, "SecretList", "Secret");
        equal(entries.stream().map(entry -> entry.get("SecretName")).sorted().collect(Collectors.toList()), List.of(expected), "SecretNames");
        equal(answer.get("TotalCount"), expected.length, "TotalCount");
        return entries;
    }

    private void secretSizes() {
        // ASCII, for this SDK puts the value into the URL, where every byte of other text takes three.
        check("a secret of 30720 bytes", () -> {
            String name = id + "/30720";
            String data = "a".repeat(30720);
            call("CreateSecret", of("SecretName", name, "VersionId", "v1", "SecretData", data));
            valueIs(name, "v1", data, of(), "ACSCurrent");
        });
        of("CreateSecret", id + "/large", "PutSecretValue", secret)
                .forEach((action, name) -> refuses(action + " of 30721 bytes", 400, "InvalidParameter", action,
                        of("SecretName", name, "VersionId", "large", "SecretData", "a".repeat(30721))));
    }

    // Refusals that do not depend on keys and secrets

    private void missingParameters() {
        Map<String, Object> value = of("SecretName", "x", "VersionId", "v1", "SecretData", "x");
        Map<String, Map<String, Object>> complete = new LinkedHashMap<>();
        for (String action : List.of("DescribeKey", "EnableKey", "DisableKey", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext")) {
            complete.put(action, of("KeyId", "x"));
        }
        complete.put("CreateAlias", of("AliasName", "alias/x", "KeyId", "x"));
        complete.put("Encrypt", of("KeyId", keyId, "Plaintext", "x"));
        complete.put("Decrypt", of("CiphertextBlob", "x"));
        complete.put("CreateSecret", value);
        complete.put("PutSecretValue", value);
        complete.put("GetSecretValue", of("SecretName", "x"));
        complete.put("DescribeSecret", of("SecretName", "x"));
        complete.forEach((action, parameters) -> {
            for (String name : parameters.keySet()) {
                Map<String, Object> rest = with(parameters);
                rest.remove(name);
                refuses(action + " without " + name, 400, "Missing" + name, action, rest);
            }
        });
    }

    private void clockAndReplay() {
        for (int minutes : new int[] {-14, 14}) {
            check("a request dated " + minutes + " minutes is served", () -> answered(describeRegions(stamp(minutes), null)));
        }
        for (int minutes : new int[] {-16, 16}) {
            check("a request dated " + minutes + " minutes is refused", () ->
                    refused(400, "InvalidTimeStamp.Expired", () -> describeRegions(stamp(minutes), null)));
        }
        check("a date that is none is refused", () ->
                refused(400, "InvalidTimeStamp.Format", () -> describeRegions("yesterday", null)));
        check("an unknown API version is refused", () ->
                refused(400, "InvalidVersion", () -> kms.callGeneral("DescribeRegions", "2017-01-20", Overrides.NONE)));
        check("a request sent twice is refused", () -> {
            String date = stamp(0);
            String nonce = hex(16);
            answered(describeRegions(date, nonce));
            refused(400, "SignatureNonceUsed", () -> describeRegions(date, nonce));
        });
    }

    private Map<String, Object> describeRegions(String date, String nonce) throws Exception {
        return kms.call("DescribeRegions", of(), new Overrides(date, nonce));
    }

    // Helpers

    private boolean check(String name, Harness.Check check) {
        return harness.check(tag + ": " + name, check);
    }

    private Map<String, Object> call(String action, Map<String, Object> parameters) throws Exception {
        return answered(kms.call(action, parameters, Overrides.NONE));
    }

    private void refusedNow(int status, String code, String action, Map<String, Object> parameters) throws Exception {
        refused(status, code, () -> kms.call(action, parameters, Overrides.NONE));
    }

    private void refuses(String name, int status, String code, String action, Map<String, Object> parameters) {
        check(name + " is refused", () -> refusedNow(status, code, action, parameters));
    }

    private Map<String, Object> newKey(Map<String, Object> parameters) throws Exception {
        return map(call("CreateKey", parameters).get("KeyMetadata"));
    }

    private String arn(String kind, String name) {
        return "acs:kms:" + facts.region + ":" + facts.account + ":" + kind + name;
    }

    private static void fields(Map<String, Object> answer, Map<String, Object> expected) {
        expected.forEach((name, value) -> equal(answer.get(name), value, name));
    }

    /** A map of names and values in turn. */
    private static Map<String, Object> of(Object... pairs) {
        return with(Map.of(), pairs);
    }

    private static Map<String, Object> with(Map<String, Object> base, Object... pairs) {
        Map<String, Object> all = new LinkedHashMap<>(base);
        for (int i = 0; i < pairs.length; i += 2) {
            all.put((String) pairs[i], pairs[i + 1]);
        }
        return all;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        holds(value instanceof Map, "no object: " + value);
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Map<String, Object> answer, String outer, String inner) {
        Object entries = map(answer.get(outer)).get(inner);
        holds(entries instanceof List, "no list " + outer + "." + inner);
        return (List<Map<String, Object>>) entries;
    }

    private static List<String> names(IntFunction<String> name) {
        return IntStream.range(0, 11).mapToObj(name).collect(Collectors.toCollection(ArrayList::new));
    }

    private static byte[] decode(Object text) {
        return Base64.getDecoder().decode((String) text);
    }

    private static String everyByte() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String hex(int size) {
        byte[] bytes = new byte[size];
        new SecureRandom().nextBytes(bytes);
        StringBuilder text = new StringBuilder();
        for (byte each : bytes) {
            text.append(String.format("%02x", each));
        }
        return text.toString();
    }

    private static String stamp(int minutes) {
        return Instant.now().plus(minutes, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
