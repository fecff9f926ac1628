package keystead.conformance;

import static keystead.conformance.Harness.empty;
import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keys of every spec and usage. */
abstract class SpecChecks extends SecretChecks {
    static final List<String> MAC_SPECS = List.of(
            "HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512", "HMAC_SM3", "HMAC_SHA224", "HMAC_SHA256", "HMAC_SHA384",
            "HMAC_SHA512");

    /** An asymmetric key and its version. */
    static final class Pair {
        final String id;
        final String version;

        Pair(String id, String version) {
            this.id = id;
            this.version = version;
        }

        /** The parameters that name it, with more. */
        Map<String, Object> named(Map<String, Object> more) {
            Map<String, Object> all = of("KeyId", id, "KeyVersionId", version);
            all.putAll(more);
            return all;
        }

        Map<String, Object> named(Object... more) {
            return named(of(more));
        }

        /** Says that the answer names this key and version, also when the call named an alias. */
        Map<String, Object> answers(Map<String, Object> answer) {
            fields(answer, of("KeyId", id, "KeyVersionId", version));
            return answer;
        }
    }

    final boolean thorough;
    final Map<String, String> macKeys = new TreeMap<>();
    private final Map<String, Pair> pairs = new HashMap<>();

    SpecChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag);
        this.thorough = thorough;
    }

    /** The asymmetric specs; those that take long to make are left to the thorough run. */
    List<String> pairSpecs() {
        List<String> specs = new ArrayList<>(List.of("RSA_2048", "EC_P256", "EC_P256K", "EC_SM2"));
        if (thorough) {
            specs.addAll(List.of("RSA_3072", "RSA_4096"));
        }
        return specs;
    }

    String newKeyId(Object... parameters) throws Exception {
        return (String) newKey(of(parameters)).get("KeyId");
    }

    Map<String, Object> metadata(Object name) throws Exception {
        return map(call("DescribeKey", of("KeyId", name)).get("KeyMetadata"));
    }

    /** How a program learns the version of an asymmetric key. */
    Pair pairOf(String name) throws Exception {
        List<Map<String, Object>> versions = list(call("ListKeyVersions", of("KeyId", name)), "KeyVersions", "KeyVersion");
        equal(versions.size(), 1, "number of versions");
        return new Pair(name, (String) versions.get(0).get("KeyVersionId"));
    }

    /** An asymmetric key of that spec and usage, which is made once. */
    Pair pair(String spec, String usage) throws Exception {
        Pair made = pairs.get(spec + usage);
        if (made == null) {
            made = pairOf(newKeyId("KeySpec", spec, "KeyUsage", usage));
            pairs.put(spec + usage, made);
        }
        return made;
    }

    Pair signer(String spec) throws Exception {
        return pair(spec, "SIGN/VERIFY");
    }

    Pair decrypter(String spec) throws Exception {
        return pair(spec, "ENCRYPT/DECRYPT");
    }

    ForeignKey foreign(String spec, Pair pair) throws Exception {
        return new ForeignKey(spec, ForeignKey.der(pair.answers(call("GetPublicKey", pair.named())).get("PublicKey")));
    }

    void keySpecs() {
        for (String spec : List.of("Aliyun_AES_256", "Aliyun_AES_192", "Aliyun_AES_128", "Aliyun_SM4")) {
            check("a key of spec " + spec, () -> {
                Map<String, Object> made = newKey(of("KeySpec", spec));
                metadataIs(made, of("KeySpec", spec));
                Map<String, Object> name = of("KeyId", made.get("KeyId"));
                Map<String, Object> context = of("EncryptionContext", of("a", "b"));
                Object sealed = call("Encrypt", with(with(name, "Plaintext", "kept"), context)).get("CiphertextBlob");
                equal(call("Decrypt", with(of("CiphertextBlob", sealed), context)).get("Plaintext"), "kept", "Plaintext");
                Map<String, Object> data = call("GenerateDataKey", name);
                equal(call("Decrypt", of("CiphertextBlob", data.get("CiphertextBlob"))).get("Plaintext"), data.get("Plaintext"), "Plaintext");
                refusedNow(400, "InvalidParameter", "Decrypt", of("CiphertextBlob", sealed));
            });
        }
        for (String spec : pairSpecs()) {
            check("a key of spec " + spec + " signs by default", () -> {
                Map<String, Object> made = newKey(of("KeySpec", spec));
                pairIs(made, spec, "SIGN/VERIFY");
                pairs.put(spec + "SIGN/VERIFY", pairOf((String) made.get("KeyId")));
                pairIs(metadata(made.get("KeyId")), spec, "SIGN/VERIFY");
            });
            if (!List.of("RSA_3072", "RSA_4096").contains(spec)) {
                check("a key of spec " + spec + " for signatures", () ->
                        pairIs(newKey(of("KeySpec", spec, "KeyUsage", "SIGN/VERIFY")), spec, "SIGN/VERIFY"));
            }
            if (spec.startsWith("EC_P256")) {
                refuses("CreateKey of spec " + spec + " for encryption", 400, "InvalidParameter", "CreateKey",
                        of("KeySpec", spec, "KeyUsage", "ENCRYPT/DECRYPT"));
            } else {
                check("a key of spec " + spec + " for encryption", () -> pairIs(metadata(decrypter(spec).id), spec, "ENCRYPT/DECRYPT"));
            }
        }
        for (String spec : MAC_SPECS) {
            check("a key of spec " + spec, () -> {
                Map<String, Object> made = newKey(of("KeySpec", spec));
                fields(made, of("KeySpec", spec, "KeyUsage", "GENERATE/VERIFY_MAC", "KeyState", "Enabled", "AutomaticRotation", "Disabled"));
                macKeys.put(spec, (String) made.get("KeyId"));
            });
        }
        for (String usage : List.of("GENERATE/VERIFY_MAC", "GENERATE_VERIFY_MAC", "GENERATE/VERIFY")) {
            check("the usage " + usage, () -> equal(
                    newKey(of("KeySpec", "HMAC_SHA_256", "KeyUsage", usage)).get("KeyUsage"), "GENERATE/VERIFY_MAC", "KeyUsage"));
        }
        String[][] mismatches = {
            {"Aliyun_AES_128", "SIGN/VERIFY"}, {"Aliyun_SM4", "SIGN/VERIFY"}, {"Aliyun_AES_256", "GENERATE/VERIFY_MAC"},
            {"RSA_2048", "GENERATE/VERIFY_MAC"}, {"EC_SM2", "GENERATE/VERIFY_MAC"}, {"EC_P256", "GENERATE/VERIFY_MAC"},
            {"HMAC_SHA_256", "ENCRYPT/DECRYPT"}, {"HMAC_SM3", "SIGN/VERIFY"}, {"RSA_2048", "ENCRYPT"}, {"RSA_1024", "SIGN/VERIFY"},
            {"EC_P384", "SIGN/VERIFY"}, {"rsa_2048", "SIGN/VERIFY"},
        };
        for (String[] each : mismatches) {
            refuses("CreateKey of spec " + each[0] + " for " + each[1], 400, "InvalidParameter", "CreateKey",
                    of("KeySpec", each[0], "KeyUsage", each[1]));
        }
        refuses("CreateKey in an unknown instance", 403, "Forbidden.DKMSInstanceNotFound", "CreateKey",
                of("DKMSInstanceId", "kst-hzz62d8f5e0sgtx8habcd"));
        refuses("CreateKey with an unknown ProtectionLevel", 400, "InvalidParameter", "CreateKey", of("ProtectionLevel", "PAPER"));
        check("an HSM key says so", () -> equal(newKey(of("ProtectionLevel", "HSM")).get("ProtectionLevel"), "HSM", "ProtectionLevel"));
        wrongKeys();
    }

    /** Keys of one kind are used for what only another can do. */
    private void wrongKeys() {
        check("what only symmetric keys can do is refused for a key pair", () -> {
            Map<String, Object> name = of("KeyId", decrypter("RSA_2048").id);
            refusedNow(400, "UnsupportedOperation", "Encrypt", with(name, "Plaintext", "x"));
            refusedNow(400, "UnsupportedOperation", "GenerateDataKey", name);
            refusedNow(400, "UnsupportedOperation", "GenerateDataKeyWithoutPlaintext", name);
        });
        check("what only symmetric keys can do is refused for a MAC key", () -> {
            Map<String, Object> name = of("KeyId", macKeys.get("HMAC_SHA_256"));
            refusedNow(400, "UnsupportedOperation", "Encrypt", with(name, "Plaintext", "x"));
            refusedNow(400, "UnsupportedOperation", "GenerateDataKey", name);
        });
    }

    /** The fields that differ between a key pair and a symmetric key. */
    private void pairIs(Map<String, Object> metadata, String spec, String usage) {
        matches(KEY_ID, metadata.get("KeyId"), "KeyId");
        fields(metadata, of(
                "Arn", arn("key/", (String) metadata.get("KeyId")),
                "Creator", facts.account,
                "KeySpec", spec,
                "KeyUsage", usage,
                "KeyState", "Enabled",
                "Origin", "Aliyun_KMS",
                "AutomaticRotation", "Disabled"));
        Duration age = Duration.between(Instant.parse((String) metadata.get("CreationDate")), Instant.now());
        holds(age.toMinutes() < 60, "CreationDate is " + age + " ago");
        empty(metadata, "PrimaryKeyVersion", "DeleteDate", "MaterialExpireTime", "NextRotationDate", "RotationInterval", "DKMSInstanceId");
    }
}
