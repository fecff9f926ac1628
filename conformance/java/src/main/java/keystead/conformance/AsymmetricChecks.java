package keystead.conformance;

import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Public keys, signatures and ciphertexts of asymmetric keys, each against another library. */
abstract class AsymmetricChecks extends SpecChecks {
    AsymmetricChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    void publicKeys() {
        for (String spec : pairSpecs()) {
            check("GetPublicKey of " + spec, () -> foreign(spec, signer(spec)));
        }
        check("GetPublicKey by alias and by ARN", () -> {
            Pair pair = signer("EC_P256");
            String name = "alias/" + id + "/pair";
            call("CreateAlias", of("AliasName", name, "KeyId", pair.id));
            Object first = call("GetPublicKey", pair.named()).get("PublicKey");
            for (String each : List.of(name, arn("key/", pair.id), arn("", name))) {
                equal(pair.answers(call("GetPublicKey", pair.named("KeyId", each))).get("PublicKey"), first, "PublicKey");
            }
        });
        badVersions("GetPublicKey", of());
        refuses("GetPublicKey of a symmetric key", 400, "Rejected.UnsupportedOperation", "GetPublicKey", symmetric());
    }

    private Map<String, Object> symmetric() {
        return of("KeyId", keyId, "KeyVersionId", key.get("PrimaryKeyVersion"));
    }

    /** Calls an operation on a P-256 key with keys and versions that do not exist or do not belong together. */
    private void badVersions(String action, Map<String, Object> rest) {
        check(action + " with a wrong key or version is refused", () -> {
            Pair pair = signer("EC_P256");
            refusedNow(404, "Forbidden.KeyNotFound", action, with(pair.named(rest), "KeyId", UNKNOWN_KEY));
            refusedNow(404, "Forbidden.AliasNotFound", action, with(pair.named(rest), "KeyId", "alias/there-is-no-such-alias"));
            for (String version : List.of("00000000-0000-4000-8000-000000000000", signer("EC_P256K").version)) {
                refusedNow(404, "Forbidden.KeyVersionNotFound", action, with(pair.named(rest), "KeyVersionId", version));
            }
            for (String name : List.of("KeyId", "KeyVersionId")) {
                refusedNow(400, "Missing" + name, action, without(pair.named(rest), name));
            }
        });
    }

    static List<String> signAlgorithms(String spec) {
        switch (spec) {
            case "EC_SM2":
                return List.of("SM2DSA");
            case "EC_P256":
            case "EC_P256K":
                return List.of("ECDSA_SHA_256");
            default:
                return List.of("RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256");
        }
    }

    void signatures() {
        for (String spec : pairSpecs()) {
            for (String algorithm : signAlgorithms(spec)) {
                check(spec + " signs with " + algorithm, () -> signs(spec, algorithm));
            }
            check(spec + " refuses other algorithms and digests", () -> refusesDigests(spec));
        }
        badVersions("AsymmetricSign", of("Algorithm", "ECDSA_SHA_256", "Digest", encode(random(32))));
        badVersions("AsymmetricVerify", of("Algorithm", "ECDSA_SHA_256", "Digest", encode(random(32)), "Value", encode(random(70))));
        for (String action : List.of("AsymmetricSign", "AsymmetricVerify")) {
            Map<String, Object> parameters = of("Algorithm", "RSA_PSS_SHA_256", "Digest", encode(random(32)));
            if (action.equals("AsymmetricVerify")) {
                parameters.put("Value", encode(random(256)));
            }
            check(action + " with a key for encryption is refused", () -> {
                refusedNow(400, "Rejected.UnsupportedOperation", action, decrypter("RSA_2048").named(parameters));
                refusedNow(400, "Rejected.UnsupportedOperation", action, with(parameters, symmetric()));
            });
            check(action + " without a parameter is refused", () -> {
                for (String name : parameters.keySet()) {
                    refusedNow(400, "Missing" + name, action, without(signer("RSA_2048").named(parameters), name));
                }
            });
        }
    }

    private void signs(String spec, String algorithm) throws Exception {
        Pair pair = signer(spec);
        ForeignKey foreign = foreign(spec, pair);
        byte[] message = ("signed by " + id).getBytes(StandardCharsets.UTF_8);
        byte[] another = "another message".getBytes(StandardCharsets.UTF_8);
        Map<String, Object> signed = pair.named("Algorithm", algorithm, "Digest", encode(foreign.digest(message)));
        Object value = pair.answers(call("AsymmetricSign", signed)).get("Value");
        byte[] signature = decode(value);
        holds(foreign.verifies(algorithm, message, signature), "another library refuses the signature");
        holds(!foreign.verifies(algorithm, another, signature), "the signature fits another message");
        Map<String, Map<String, Object>> wrong = new LinkedHashMap<>();
        wrong.put("another digest", of("Digest", encode(foreign.digest(another))));
        wrong.put("a changed signature", of("Value", encode(broken(signature))));
        wrong.put("a cut signature", of("Value", encode(Arrays.copyOf(signature, signature.length - 1))));
        wrong.put("what is no signature", of("Value", encode("no signature".getBytes(StandardCharsets.UTF_8))));
        wrong.put("a signature of 64 zeroes", of("Value", encode(new byte[64])));
        Map<String, Object> right = with(signed, "Value", value);
        equal(pair.answers(call("AsymmetricVerify", right)).get("Value"), true, "verdict on the signature");
        for (var each : wrong.entrySet()) {
            equal(pair.answers(call("AsymmetricVerify", with(right, each.getValue()))).get("Value"), false, "verdict on " + each.getKey());
        }
    }

    private void refusesDigests(String spec) throws Exception {
        Pair pair = signer(spec);
        String own = signAlgorithms(spec).get(0);
        Set<String> others = new TreeSet<>(List.of("RSA_PSS_SHA_512", "RSAES_OAEP_SHA_256", "ecdsa_sha_256"));
        for (String other : List.of("RSA_2048", "EC_P256", "EC_SM2")) {
            others.addAll(signAlgorithms(other));
        }
        others.removeAll(signAlgorithms(spec));
        Map<String, Object> digest = pair.named("Digest", encode(random(32)));
        for (String algorithm : others) {
            refusedNow(400, "InvalidParameter", "AsymmetricSign", with(digest, "Algorithm", algorithm));
            refusedNow(400, "InvalidParameter", "AsymmetricVerify", with(digest, "Algorithm", algorithm, "Value", encode(random(64))));
        }
        for (String text : List.of(encode(random(20)), encode(random(31)), encode(random(33)), encode(random(64)), "no base64!")) {
            Map<String, Object> bad = pair.named("Algorithm", own, "Digest", text);
            refusedNow(400, "InvalidParameter", "AsymmetricSign", bad);
            refusedNow(400, "InvalidParameter", "AsymmetricVerify", with(bad, "Value", encode(random(64))));
        }
        refusedNow(400, "InvalidParameter", "AsymmetricVerify", with(digest, "Algorithm", own, "Value", "no base64!"));
    }

    /** The published size limits. */
    void asymmetricCiphers() {
        List<Object[]> cases = new ArrayList<>(List.of(
                new Object[] {"RSA_2048", "RSAES_OAEP_SHA_256", 190},
                new Object[] {"RSA_2048", "RSAES_OAEP_SHA_1", 214},
                new Object[] {"EC_SM2", "SM2PKE", 6047}));
        if (thorough) {
            cases.add(new Object[] {"RSA_3072", "RSAES_OAEP_SHA_256", 318});
            cases.add(new Object[] {"RSA_3072", "RSAES_OAEP_SHA_1", 342});
            cases.add(new Object[] {"RSA_4096", "RSAES_OAEP_SHA_256", 446});
        }
        for (Object[] each : cases) {
            String spec = (String) each[0];
            String algorithm = (String) each[1];
            int limit = (Integer) each[2];
            check(spec + " encrypts up to " + limit + " bytes with " + algorithm, () -> {
                Pair pair = decrypter(spec);
                Map<String, Object> how = pair.named("Algorithm", algorithm);
                for (int size : new int[] {1, 32, limit}) {
                    String plain = encode(random(size));
                    Object sealed = pair.answers(call("AsymmetricEncrypt", with(how, "Plaintext", plain))).get("CiphertextBlob");
                    equal(pair.answers(call("AsymmetricDecrypt", with(how, "CiphertextBlob", sealed))).get("Plaintext"), plain, "Plaintext");
                }
                refusedNow(400, "InvalidParameter", "AsymmetricEncrypt", with(how, "Plaintext", encode(random(limit + 1))));
                refusedNow(400, "InvalidParameter", "AsymmetricEncrypt", with(how, "Plaintext", "no base64!"));
            });
            check(spec + " decrypts with " + algorithm + " what another library encrypted", () -> decrypts(spec, algorithm, limit));
        }
        check("SM2 decrypts C1, C3, C2 in a row as well", () -> {
            byte[] plain = random(100);
            byte[] sealed = foreign("EC_SM2", decrypter("EC_SM2")).sm2Raw(plain);
            Map<String, Object> parameters = decrypter("EC_SM2").named("Algorithm", "SM2PKE", "CiphertextBlob", encode(sealed));
            equal(call("AsymmetricDecrypt", parameters).get("Plaintext"), encode(plain), "Plaintext");
            refusedNow(400, "InvalidParameter", "AsymmetricDecrypt", with(parameters, "CiphertextBlob", encode(broken(sealed))));
        });
        check("a ciphertext opens with its own algorithm only", () -> {
            Pair pair = decrypter("RSA_2048");
            String sealed = encode(foreign("RSA_2048", pair).encrypt("RSAES_OAEP_SHA_1", random(32)));
            for (String algorithm : List.of("RSAES_OAEP_SHA_256", "SM2PKE", "RSAES_PKCS1_V1_5", "RSA_PSS_SHA_256")) {
                refusedNow(400, "InvalidParameter", "AsymmetricDecrypt", pair.named("Algorithm", algorithm, "CiphertextBlob", sealed));
            }
            for (String algorithm : List.of("SM2PKE", "RSAES_PKCS1_V1_5", "RSA_PSS_SHA_256", "AES_GCM")) {
                refusedNow(400, "InvalidParameter", "AsymmetricEncrypt", pair.named("Algorithm", algorithm, "Plaintext", "YQ=="));
            }
        });
        Map<String, Map<String, Object>> calls = new LinkedHashMap<>();
        calls.put("AsymmetricEncrypt", of("Algorithm", "RSAES_OAEP_SHA_256", "Plaintext", "YQ=="));
        calls.put("AsymmetricDecrypt", of("Algorithm", "RSAES_OAEP_SHA_256", "CiphertextBlob", encode(random(256))));
        calls.forEach((action, parameters) -> {
            check(action + " with a key for signatures is refused", () -> {
                refusedNow(400, "Rejected.UnsupportedOperation", action, signer("RSA_2048").named(parameters));
                refusedNow(400, "Rejected.UnsupportedOperation", action, with(parameters, symmetric()));
            });
            check(action + " with a wrong version is refused", () -> {
                Map<String, Object> good = decrypter("RSA_2048").named(parameters);
                refusedNow(404, "Forbidden.KeyVersionNotFound", action, with(good, "KeyVersionId", key.get("PrimaryKeyVersion")));
                refusedNow(404, "Forbidden.KeyNotFound", action, with(good, "KeyId", UNKNOWN_KEY));
            });
        });
    }

    private void decrypts(String spec, String algorithm, int limit) throws Exception {
        Pair pair = decrypter(spec);
        ForeignKey foreign = foreign(spec, pair);
        Map<String, Object> how = pair.named("Algorithm", algorithm);
        for (int size : new int[] {1, 100, Math.min(limit, 6000)}) {
            byte[] plain = random(size);
            String sealed = encode(foreign.encrypt(algorithm, plain));
            equal(call("AsymmetricDecrypt", with(how, "CiphertextBlob", sealed)).get("Plaintext"), encode(plain), "Plaintext");
        }
        byte[] sealed = foreign.encrypt(algorithm, random(32));
        byte[] last = sealed.clone();
        last[last.length - 1] ^= 1;
        for (byte[] bad : List.of(
                broken(sealed), last, Arrays.copyOfRange(sealed, 1, sealed.length), Arrays.copyOf(sealed, sealed.length - 1), random(256))) {
            refusedNow(400, "InvalidParameter", "AsymmetricDecrypt", with(how, "CiphertextBlob", encode(bad)));
        }
        refusedNow(400, "InvalidParameter", "AsymmetricDecrypt", with(how, "CiphertextBlob", "no base64!"));
    }
}
