package keystead.conformance;

import static keystead.conformance.Harness.equal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** MACs, and what moves ciphertexts from key to key and data keys out of the service. */
abstract class MovementChecks extends AsymmetricChecks {
    private static final Map<String, Integer> MAC_LENGTHS =
            Map.of("HMAC_SHA_224", 28, "HMAC_SHA_256", 32, "HMAC_SHA_384", 48, "HMAC_SHA_512", 64, "HMAC_SM3", 32);

    MovementChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    /** The algorithm of a spec, which has two spellings. */
    private static String macAlgorithm(String spec) {
        return spec.replaceFirst("^HMAC_SHA(\\d)", "HMAC_SHA_$1");
    }

    /** Codes by their length and against each other: the key never leaves the service, so nobody else can compute them. */
    void macs() {
        macKeys.forEach((spec, name) -> {
            check(spec + " makes and checks codes", () -> makesCodes(name, macAlgorithm(spec)));
            check(spec + " refuses other algorithms and bad messages", () -> refusesCodes(name, macAlgorithm(spec)));
        });
        check("codes by alias, and of another key", () -> {
            String name = "alias/" + id + "/mac";
            call("CreateAlias", of("AliasName", name, "KeyId", macKeys.get("HMAC_SHA_256")));
            Map<String, Object> message = of("KeyId", name, "Algorithm", "HMAC_SHA_256", "Message", encode(random(20)));
            Map<String, Object> made = call("GenerateMac", message);
            equal(made.get("KeyId"), macKeys.get("HMAC_SHA_256"), "KeyId");
            Map<String, Object> other = with(message, "KeyId", macKeys.get("HMAC_SHA256"), "Mac", made.get("Mac"));
            equal(call("VerifyMac", other).get("Value"), false, "verdict of another key");
        });
        for (String action : List.of("GenerateMac", "VerifyMac")) {
            Map<String, Object> parameters = of("Algorithm", "HMAC_SHA_256", "Message", "YQ==");
            if (action.equals("VerifyMac")) {
                parameters.put("Mac", encode(random(32)));
            }
            check(action + " with a wrong key is refused", () -> {
                refusedNow(404, "Forbidden.KeyNotFound", action, with(parameters, "KeyId", UNKNOWN_KEY));
                refusedNow(404, "Forbidden.AliasNotFound", action, with(parameters, "KeyId", "alias/there-is-no-such-alias"));
                refusedNow(400, "Rejected.UnsupportedOperation", action, with(parameters, "KeyId", keyId));
                refusedNow(400, "Rejected.UnsupportedOperation", action, with(parameters, "KeyId", signer("EC_P256").id));
            });
            check(action + " without a parameter is refused", () -> {
                for (String name : parameters.keySet()) {
                    Map<String, Object> rest = without(with(parameters, "KeyId", macKeys.get("HMAC_SHA_256")), name);
                    refusedNow(400, "Missing" + name, action, rest);
                }
            });
        }
    }

    private void makesCodes(String name, String algorithm) throws Exception {
        Set<Object> seen = new HashSet<>();
        for (byte[] message : List.of(new byte[1], "message".getBytes(StandardCharsets.UTF_8), random(6144))) {
            Map<String, Object> parameters = of("KeyId", name, "Algorithm", algorithm, "Message", encode(message));
            Map<String, Object> made = call("GenerateMac", parameters);
            fields(made, of("KeyId", name, "Algorithm", algorithm));
            byte[] code = decode(made.get("Mac"));
            equal(code.length, MAC_LENGTHS.get(algorithm), "bytes of the code");
            equal(call("GenerateMac", parameters).get("Mac"), made.get("Mac"), "code of the same message");
            Map<String, Object> right = with(parameters, "Mac", made.get("Mac"));
            Map<String, Object> verified = call("VerifyMac", right);
            fields(verified, of("KeyId", name, "Algorithm", algorithm, "Value", true));
            equal(call("VerifyMac", with(right, "Message", encode(random(9)))).get("Value"), false, "verdict on another message");
            equal(call("VerifyMac", with(right, "Mac", encode(broken(code)))).get("Value"), false, "verdict on a changed code");
            equal(call("VerifyMac", with(right, "Mac", encode(Arrays.copyOf(code, 16)))).get("Value"), false, "verdict on half a code");
            seen.add(made.get("Mac"));
        }
        equal(seen.size(), 3, "different codes of three messages");
    }

    private void refusesCodes(String name, String algorithm) throws Exception {
        Map<String, Object> message = of("KeyId", name, "Algorithm", algorithm, "Message", "YQ==");
        for (String other : MAC_LENGTHS.keySet()) {
            if (!other.equals(algorithm)) {
                refusedNow(400, "InvalidParameter", "GenerateMac", with(message, "Algorithm", other));
                refusedNow(400, "InvalidParameter", "VerifyMac", with(message, "Algorithm", other, "Mac", encode(random(32))));
            }
        }
        refusedNow(400, "InvalidParameter", "GenerateMac", with(message, "Algorithm", "HMAC_MD5"));
        for (String text : List.of("no base64!", encode(random(6145)))) {
            refusedNow(400, "InvalidParameter", "GenerateMac", with(message, "Message", text));
            refusedNow(400, "InvalidParameter", "VerifyMac", with(message, "Message", text, "Mac", encode(random(32))));
        }
        refusedNow(400, "InvalidParameter", "VerifyMac", with(message, "Mac", "no base64!"));
    }

    private Object primary(String name) throws Exception {
        return metadata(name).get("PrimaryKeyVersion");
    }

    private Map<String, Object> sealed(Map<String, Object> context) throws Exception {
        Map<String, Object> parameters = of("KeyId", keyId, "Plaintext", "moved 密");
        if (context != null) {
            parameters.put("EncryptionContext", context);
        }
        return of("CiphertextBlob", call("Encrypt", parameters).get("CiphertextBlob"));
    }

    void reEncryption() {
        String[] made = {null};
        String name = "alias/" + id + "/target";
        if (!check("CreateKey for ReEncrypt", () -> {
            made[0] = newKeyId();
            call("CreateAlias", of("AliasName", name, "KeyId", made[0]));
        })) {
            return;
        }
        String target = made[0];
        Map<String, Object> before = of("purpose", "before");
        Map<String, Object> after = of("purpose", "after");
        Map<String, List<Map<String, Object>>> cases = new LinkedHashMap<>();
        cases.put("without contexts", Arrays.asList(null, of(), of()));
        cases.put("into a context", Arrays.asList(null, of("DestinationEncryptionContext", after), of("EncryptionContext", after)));
        cases.put("out of a context", List.of(before, of("SourceEncryptionContext", before), of()));
        cases.put("between two contexts", List.of(
                before, of("SourceEncryptionContext", before, "DestinationEncryptionContext", after), of("EncryptionContext", after)));
        cases.put("to a key by its alias", Arrays.asList(null, of("DestinationKeyId", name), of()));
        cases.put("to a key by its ARN", Arrays.asList(null, of("DestinationKeyId", arn("key/", target)), of()));
        cases.forEach((what, how) -> check("ReEncrypt " + what, () -> {
            Map<String, Object> moved = call("ReEncrypt", with(with(sealed(how.get(0)), "DestinationKeyId", target), how.get(1)));
            fields(moved, of("KeyId", keyId, "KeyVersionId", primary(keyId)));
            Map<String, Object> opened = call("Decrypt", with(of("CiphertextBlob", moved.get("CiphertextBlob")), how.get(2)));
            fields(opened, of("Plaintext", "moved 密", "KeyId", target, "KeyVersionId", primary(target)));
        }));
        check("ReEncrypt of a data key", () -> {
            Map<String, Object> data = call("GenerateDataKey", of("KeyId", keyId));
            Object moved = call("ReEncrypt", of("CiphertextBlob", data.get("CiphertextBlob"), "DestinationKeyId", target)).get("CiphertextBlob");
            equal(call("Decrypt", of("CiphertextBlob", moved)).get("Plaintext"), data.get("Plaintext"), "Plaintext");
        });
        String[][] sources = {{"RSA_2048", "RSAES_OAEP_SHA_256"}, {"RSA_2048", "RSAES_OAEP_SHA_1"}, {"EC_SM2", "SM2PKE"}};
        for (String[] source : sources) {
            check("ReEncrypt from " + source[0] + " with " + source[1], () -> {
                Pair pair = decrypter(source[0]);
                // What lies under a symmetric cipher is text, so a data key moves as its base64.
                byte[] plain = random(32);
                Map<String, Object> good = of(
                        "CiphertextBlob", encode(foreign(source[0], pair).encrypt(source[1], plain)),
                        "DestinationKeyId", target,
                        "SourceKeyId", pair.id,
                        "SourceKeyVersionId", pair.version,
                        "SourceEncryptionAlgorithm", source[1]);
                Object moved = pair.answers(call("ReEncrypt", good)).get("CiphertextBlob");
                equal(call("Decrypt", of("CiphertextBlob", moved)).get("Plaintext"), encode(plain), "Plaintext");
                refusedNow(400, "InvalidParameter", "ReEncrypt", with(good, "CiphertextBlob", encode(random(256))));
                refusedNow(400, "InvalidParameter", "ReEncrypt", with(good, "SourceEncryptionAlgorithm", "RSA_PSS_SHA_256"));
                refusedNow(404, "Forbidden.KeyNotFound", "ReEncrypt", with(good, "SourceKeyId", UNKNOWN_KEY));
                refusedNow(404, "Forbidden.KeyVersionNotFound", "ReEncrypt", with(good, "SourceKeyVersionId", primary(target)));
            });
        }
        check("ReEncrypt with a wrong context is refused", () -> {
            Map<String, Object> blob = with(sealed(before), "DestinationKeyId", target);
            refusedNow(400, "InvalidParameter", "ReEncrypt", blob);
            refusedNow(400, "InvalidParameter", "ReEncrypt", with(blob, "SourceEncryptionContext", after));
            refusedNow(400, "InvalidParameter", "ReEncrypt",
                    with(blob, "SourceEncryptionContext", before, "DestinationEncryptionContext", of("a", 1)));
        });
        check("ReEncrypt of bad ciphertexts and to bad keys is refused", () -> {
            Map<String, Object> blob = sealed(null);
            Map<String, Object> to = of("DestinationKeyId", target);
            refusedNow(400, "InvalidParameter", "ReEncrypt", with(to, "CiphertextBlob", encode(broken(decode(blob.get("CiphertextBlob"))))));
            refusedNow(400, "InvalidParameter", "ReEncrypt", with(to, "CiphertextBlob", "no base64!"));
            refusedNow(404, "Forbidden.KeyNotFound", "ReEncrypt", with(blob, "DestinationKeyId", UNKNOWN_KEY));
            refusedNow(404, "Forbidden.AliasNotFound", "ReEncrypt", with(blob, "DestinationKeyId", "alias/there-is-no-such-alias"));
            for (String spec : List.of("RSA_2048", "EC_SM2")) {
                refusedNow(400, "UnsupportedOperation", "ReEncrypt", with(blob, "DestinationKeyId", decrypter(spec).id));
            }
            refusedNow(400, "MissingCiphertextBlob", "ReEncrypt", to);
            refusedNow(400, "MissingDestinationKeyId", "ReEncrypt", blob);
        });
    }

    /** Wraps data keys under a key pair of the caller, and unwraps them here. */
    void exports() throws Exception {
        WrapKey rsa = new WrapKey("RSA_2048", 2048);
        WrapKey sm2 = new WrapKey("EC_SM2", 0);
        Map<String, Object> own = of("KeyId", keyId);
        Map<String, Object> by = of("KeyId", keyId, "KeyVersionId", key.get("PrimaryKeyVersion"));
        Map<String, Object> context = of("EncryptionContext", of("purpose", "export"));
        Object[][] cases = {{rsa, "RSAES_OAEP_SHA_256", 190}, {rsa, "RSAES_OAEP_SHA_1", 214}, {sm2, "SM2PKE", 1024}};
        for (Object[] each : cases) {
            WrapKey wrap = (WrapKey) each[0];
            String algorithm = (String) each[1];
            Map<String, Object> under = wrap.under(algorithm);
            check("GenerateAndExportDataKey under " + wrap.spec + " with " + algorithm, () -> {
                Map<Integer, Map<String, Object>> sizes = new LinkedHashMap<>();
                sizes.put(32, of());
                sizes.put(16, of("KeySpec", "AES_128"));
                sizes.put(1, of("NumberOfBytes", 1));
                sizes.put((Integer) each[2], of("NumberOfBytes", each[2], "KeySpec", "AES_128"));
                for (var size : sizes.entrySet()) {
                    Map<String, Object> made = call("GenerateAndExportDataKey", with(with(own, under), size.getValue()));
                    fields(made, by);
                    byte[] plain = wrap.open(algorithm, decode(made.get("ExportedDataKey")));
                    equal(plain.length, size.getKey(), "number of bytes");
                    equal(call("Decrypt", of("CiphertextBlob", made.get("CiphertextBlob"))).get("Plaintext"), encode(plain), "Plaintext");
                }
            });
            check("ExportDataKey under " + wrap.spec + " with " + algorithm, () -> {
                Map<String, Object> data = call("GenerateDataKey", with(own, context));
                Map<String, Object> blob = with(under, "CiphertextBlob", data.get("CiphertextBlob"));
                Map<String, Object> exported = call("ExportDataKey", with(blob, context));
                fields(exported, by);
                equal(encode(wrap.open(algorithm, decode(exported.get("ExportedDataKey")))), data.get("Plaintext"), "data key");
                refusedNow(400, "InvalidParameter", "ExportDataKey", blob);
            });
        }
        Map<String, Object> good = rsa.under("RSAES_OAEP_SHA_256");
        check("GenerateAndExportDataKey with a context binds it", () -> {
            Object blob = call("GenerateAndExportDataKey", with(with(own, good), context)).get("CiphertextBlob");
            refusedNow(400, "InvalidParameter", "Decrypt", of("CiphertextBlob", blob));
            call("Decrypt", with(context, "CiphertextBlob", blob));
        });
        check("ExportDataKey of text that is no base64 gives its bytes", () -> {
            Object blob = call("Encrypt", with(own, "Plaintext", "no base64!")).get("CiphertextBlob");
            byte[] exported = decode(call("ExportDataKey", with(good, "CiphertextBlob", blob)).get("ExportedDataKey"));
            equal(new String(rsa.open("RSAES_OAEP_SHA_256", exported), StandardCharsets.UTF_8), "no base64!", "data key");
        });
        wrongExports(own, good, sm2);
    }

    private void wrongExports(Map<String, Object> own, Map<String, Object> good, WrapKey sm2) throws Exception {
        Map<String, Map<String, Object>> wrong = new LinkedHashMap<>();
        wrong.put("an algorithm of the other spec", of("WrappingAlgorithm", "SM2PKE"));
        wrong.put("an unknown algorithm", of("WrappingAlgorithm", "RSAES_PKCS1_V1_5"));
        wrong.put("the other spec", of("WrappingKeySpec", "EC_SM2"));
        wrong.put("an unknown spec", of("WrappingKeySpec", "RSA_1024"));
        wrong.put("a key of another length", of("PublicKeyBlob", new WrapKey("RSA_2048", 1024).blob()));
        wrong.put("a key of another kind", of("PublicKeyBlob", sm2.blob()));
        wrong.put("a blob that is no key", of("PublicKeyBlob", encode(random(270))));
        wrong.put("a blob that is no base64", of("PublicKeyBlob", "no base64!"));
        wrong.forEach((what, changed) -> check("exports with " + what + " are refused", () -> {
            Object blob = call("GenerateDataKey", own).get("CiphertextBlob");
            refusedNow(400, "InvalidParameter", "GenerateAndExportDataKey", with(with(own, good), changed));
            refusedNow(400, "InvalidParameter", "ExportDataKey", with(with(good, changed), "CiphertextBlob", blob));
        }));
        check("exports that cannot be are refused", () -> {
            Map<String, Object> whole = with(own, good);
            refusedNow(400, "InvalidParameter", "GenerateAndExportDataKey", with(whole, "NumberOfBytes", 191));
            refusedNow(400, "InvalidParameter", "GenerateAndExportDataKey", with(whole, "NumberOfBytes", 1025));
            refusedNow(400, "InvalidParameter", "GenerateAndExportDataKey", with(whole, "KeySpec", "AES_512"));
            refusedNow(404, "Forbidden.KeyNotFound", "GenerateAndExportDataKey", with(whole, "KeyId", UNKNOWN_KEY));
            refusedNow(400, "UnsupportedOperation", "GenerateAndExportDataKey", with(whole, "KeyId", decrypter("RSA_2048").id));
            refusedNow(400, "InvalidParameter", "ExportDataKey", with(good, "CiphertextBlob", "no base64!"));
            byte[] blob = decode(call("GenerateDataKey", own).get("CiphertextBlob"));
            refusedNow(400, "InvalidParameter", "ExportDataKey", with(good, "CiphertextBlob", encode(broken(blob))));
            for (String name : good.keySet()) {
                refusedNow(400, "Missing" + name, "GenerateAndExportDataKey", without(whole, name));
            }
            refusedNow(400, "MissingCiphertextBlob", "ExportDataKey", good);
        });
    }
}
