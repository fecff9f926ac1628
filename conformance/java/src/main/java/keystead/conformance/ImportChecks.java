package keystead.conformance;

import static keystead.conformance.Harness.empty;
import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Keys whose material the caller brings, really wrapped on this side. */
abstract class ImportChecks extends LifeChecks {
    ImportChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    /** What GetParametersForImport gave for a key, and how to wrap material with it. */
    static final class Way {
        final String name;
        final String algorithm;
        final String token;
        final ForeignKey wrapper;

        Way(String name, String algorithm, String token, ForeignKey wrapper) {
            this.name = name;
            this.algorithm = algorithm;
            this.token = token;
            this.wrapper = wrapper;
        }

        Map<String, Object> of(byte[] material, long expires) throws Exception {
            return Checks.of(
                    "KeyId", name,
                    "EncryptedKeyMaterial", encode(wrapper.encrypt(algorithm, material)),
                    "ImportToken", token,
                    "KeyMaterialExpireUnix", expires);
        }
    }

    Way way(String name, String spec, String algorithm) throws Exception {
        Map<String, Object> answer =
                call("GetParametersForImport", of("KeyId", name, "WrappingKeySpec", spec, "WrappingAlgorithm", algorithm));
        equal(answer.get("KeyId"), name, "KeyId");
        matches(TIME, answer.get("TokenExpireTime"), "TokenExpireTime");
        inDays(answer.get("TokenExpireTime"), 1, "TokenExpireTime");
        decode(answer.get("ImportToken"));
        return new Way(name, algorithm, (String) answer.get("ImportToken"), new ForeignKey(spec, decode(answer.get("PublicKey"))));
    }

    Way way(String name) throws Exception {
        return way(name, "RSA_2048", "RSAES_OAEP_SHA_256");
    }

    void bring(Map<String, Object> parameters) throws Exception {
        call("ImportKeyMaterial", parameters);
    }

    void bringRefused(String code, Map<String, Object> parameters) throws Exception {
        refusedNow(400, code, "ImportKeyMaterial", parameters);
    }

    void imports() {
        byte[] material = random(32);
        String[] made = {null};
        Way[] first = {null};
        Map<String, Object> blob = of();
        if (!check("CreateKey with origin EXTERNAL waits for its material", () -> {
            Map<String, Object> metadata = newKey(of("Origin", "EXTERNAL"));
            fields(metadata, of("KeyState", "PendingImport", "Origin", "EXTERNAL", "KeySpec", "Aliyun_AES_256"));
            made[0] = (String) metadata.get("KeyId");
            refusedNow(409, "Rejected.PendingImport", "Encrypt", of("KeyId", made[0], "Plaintext", "x"));
        }) || !check("ImportKeyMaterial enables the key", () -> {
            first[0] = way(made[0]);
            bring(first[0].of(material, 0));
            Map<String, Object> metadata = metadata(made[0]);
            equal(metadata.get("KeyState"), "Enabled", "KeyState");
            empty(metadata, "MaterialExpireTime");
            blob.put("CiphertextBlob", call("Encrypt", of("KeyId", made[0], "Plaintext", "kept")).get("CiphertextBlob"));
            equal(call("Decrypt", blob).get("Plaintext"), "kept", "Plaintext");
        })) {
            return;
        }
        String name = made[0];
        check("the same material can be imported again, to change when it expires", () -> {
            Instant expires = Instant.now().plus(Duration.ofHours(1)).truncatedTo(ChronoUnit.SECONDS);
            bring(first[0].of(material, expires.getEpochSecond()));
            equal(metadata(name).get("MaterialExpireTime"), expires.toString(), "MaterialExpireTime");
            equal(call("Decrypt", blob).get("Plaintext"), "kept", "Plaintext");
            bring(first[0].of(material, 0));
            empty(metadata(name), "MaterialExpireTime");
        });
        check("DeleteKeyMaterial takes it away, and the same material brings it back", () -> {
            call("DeleteKeyMaterial", of("KeyId", name));
            equal(metadata(name).get("KeyState"), "PendingImport", "KeyState");
            refusedNow(409, "Rejected.PendingImport", "Decrypt", blob);
            Way again = way(name, "RSA_2048", "RSAES_PKCS1_V1_5");
            bringRefused("InvalidKeyMaterial", again.of(random(32), 0));
            bring(again.of(material, 0));
            equal(call("Decrypt", blob).get("Plaintext"), "kept", "Plaintext");
        });
        check("a key takes no other material", () -> {
            Way other = way(name, "RSA_2048", "RSAES_OAEP_SHA_1");
            bringRefused("InvalidKeyMaterial", other.of(random(32), 0));
            bring(other.of(material, 0));
        });
        check("two keys with equal material do not read each other's ciphertexts", () -> {
            String twin = newKeyId("Origin", "EXTERNAL");
            bring(way(twin).of(material, 0));
            byte[] foreign = decode(call("Encrypt", of("KeyId", twin, "Plaintext", "other")).get("CiphertextBlob"));
            System.arraycopy(decode(blob.get("CiphertextBlob")), 0, foreign, 0, 36);
            refusedNow(400, "InvalidParameter", "Decrypt", of("CiphertextBlob", encode(foreign)));
        });
        check("an SM4 key takes 16 bytes, wrapped under SM2", () -> {
            String sm4 = newKeyId("Origin", "EXTERNAL", "KeySpec", "Aliyun_SM4", "ProtectionLevel", "HSM");
            Way under = way(sm4, "EC_SM2", "SM2PKE");
            bringRefused("InvalidKeyMaterial", under.of(random(32), 0));
            bring(under.of(random(16), 0));
            Object sealed = call("Encrypt", of("KeyId", sm4, "Plaintext", "by SM4")).get("CiphertextBlob");
            equal(call("Decrypt", of("CiphertextBlob", sealed)).get("Plaintext"), "by SM4", "Plaintext");
        });
        wrongImports(name, material);
    }

    private void wrongImports(String bound, byte[] material) {
        check("material that is not what was asked for is refused", () -> {
            Way way = way(newKeyId("Origin", "EXTERNAL"));
            Map<String, Object> good = way.of(material, 0);
            for (byte[] sealed : List.of(
                    way.wrapper.encrypt("RSAES_OAEP_SHA_256", random(16)),
                    way.wrapper.encrypt("RSAES_OAEP_SHA_1", material),
                    way(way.name).wrapper.encrypt("RSAES_OAEP_SHA_256", material),
                    random(256))) {
                bringRefused("InvalidKeyMaterial", with(good, "EncryptedKeyMaterial", encode(sealed)));
            }
            equal(metadata(way.name).get("KeyState"), "PendingImport", "KeyState");
            bring(good);
        });
        check("five failures use up an import token", () -> {
            Way way = way(newKeyId("Origin", "EXTERNAL"), "RSA_2048", "RSAES_PKCS1_V1_5");
            for (int time = 0; time < 5; time++) {
                bringRefused("InvalidKeyMaterial", with(way.of(material, 0), "EncryptedKeyMaterial", encode(random(256))));
            }
            bringRefused("InvalidImportToken", way.of(material, 0));
            bring(way(way.name).of(material, 0));
        });
        check("import tokens that do not fit are refused", () -> {
            Way way = way(bound);
            Map<String, Object> good = way.of(material, 0);
            byte[] token = decode(way.token);
            for (String text : List.of(way(newKeyId("Origin", "EXTERNAL")).token, encode(broken(token)), encode(random(token.length)))) {
                bringRefused("InvalidImportToken", with(good, "ImportToken", text));
            }
            bringRefused("InvalidParameter", with(good, "KeyMaterialExpireUnix", Instant.now().getEpochSecond() - 60));
            bringRefused("InvalidParameter", with(good, "KeyMaterialExpireUnix", -1));
            for (String name : good.keySet()) {
                bringRefused("Missing" + name, without(good, name));
            }
            bring(good);
        });
        check("GetParametersForImport with wrong parameters is refused", () -> {
            Map<String, Object> good = of("KeyId", bound, "WrappingKeySpec", "RSA_2048", "WrappingAlgorithm", "RSAES_OAEP_SHA_256");
            String[][] pairs = {
                {"RSA_2048", "SM2PKE"}, {"EC_SM2", "RSAES_OAEP_SHA_256"}, {"RSA_4096", "RSAES_OAEP_SHA_256"}, {"RSA_2048", "RSAES_OAEP_SHA_512"},
            };
            for (String[] pair : pairs) {
                refusedNow(400, "InvalidParameter", "GetParametersForImport",
                        with(good, "WrappingKeySpec", pair[0], "WrappingAlgorithm", pair[1]));
            }
            for (String name : good.keySet()) {
                refusedNow(400, "Missing" + name, "GetParametersForImport", without(good, name));
            }
        });
        Map<String, Object> actions = of(
                "GetParametersForImport", of("WrappingKeySpec", "RSA_2048", "WrappingAlgorithm", "RSAES_OAEP_SHA_256"),
                "ImportKeyMaterial", of(
                        "ImportToken", encode("no token".getBytes(StandardCharsets.US_ASCII)),
                        "EncryptedKeyMaterial", encode(random(256)),
                        "KeyMaterialExpireUnix", 0),
                "DeleteKeyMaterial", of());
        actions.forEach((action, parameters) -> check(action + " of a key that takes no material is refused", () -> {
            refusedNow(400, "Unsupported.Origin", action, with(map(parameters), "KeyId", keyId));
            refusedNow(400, "Unsupported.Alias", action, with(map(parameters), "KeyId", alias));
            refusedNow(404, "Forbidden.KeyNotFound", action, with(map(parameters), "KeyId", UNKNOWN_KEY));
        }));
    }
}
