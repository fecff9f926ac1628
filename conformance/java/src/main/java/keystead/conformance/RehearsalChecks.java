package keystead.conformance;

import static keystead.conformance.Harness.equal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every operation that uses a key: as a rehearsal, and in every state of its key. */
abstract class RehearsalChecks extends PolicyChecks {
    RehearsalChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    /** Keys of every kind for one round through all operations that use keys. */
    static final class KeySet {
        final String symmetric;
        final String mac;
        final Pair signer;
        final Pair decrypter;

        KeySet(String symmetric, String mac, Pair signer, Pair decrypter) {
            this.symmetric = symmetric;
            this.mac = mac;
            this.signer = signer;
            this.decrypter = decrypter;
        }

        List<String> ids() {
            return List.of(symmetric, mac, signer.id, decrypter.id);
        }
    }

    private KeySet newKeySet() throws Exception {
        return new KeySet(
                newKeyId(),
                newKeyId("KeySpec", "HMAC_SHA_256"),
                pairOf(newKeyId("KeySpec", "EC_P256")),
                pairOf(newKeyId("KeySpec", "EC_SM2", "KeyUsage", "ENCRYPT/DECRYPT")));
    }

    /** A call of each operation that uses a key, all of which succeed while the keys are enabled. */
    private Map<String, Map<String, Object>> cryptoCalls(KeySet keys) throws Exception {
        Map<String, Object> under = new WrapKey("EC_SM2", 0).under("SM2PKE");
        Map<String, Object> name = of("KeyId", keys.symmetric);
        Map<String, Object> blob = of("CiphertextBlob", call("GenerateDataKey", name).get("CiphertextBlob"));
        Map<String, Object> digest = keys.signer.named("Algorithm", "ECDSA_SHA_256", "Digest", encode(random(32)));
        Map<String, Object> plain = keys.decrypter.named("Algorithm", "SM2PKE", "Plaintext", "YQ==");
        Map<String, Object> message = of("KeyId", keys.mac, "Algorithm", "HMAC_SHA_256", "Message", "YQ==");
        Map<String, Map<String, Object>> calls = new LinkedHashMap<>();
        calls.put("Encrypt", with(name, "Plaintext", "x"));
        calls.put("Decrypt", blob);
        calls.put("GenerateDataKey", name);
        calls.put("GenerateDataKeyWithoutPlaintext", name);
        calls.put("GenerateAndExportDataKey", with(name, under));
        calls.put("ExportDataKey", with(blob, under));
        calls.put("ReEncrypt", with(blob, "DestinationKeyId", keys.symmetric));
        calls.put("AsymmetricSign", digest);
        calls.put("AsymmetricVerify", with(digest, "Value", call("AsymmetricSign", digest).get("Value")));
        calls.put("GetPublicKey", keys.signer.named());
        calls.put("AsymmetricEncrypt", plain);
        Object sealed = call("AsymmetricEncrypt", plain).get("CiphertextBlob");
        calls.put("AsymmetricDecrypt", with(without(plain, "Plaintext"), "CiphertextBlob", sealed));
        calls.put("GenerateMac", message);
        calls.put("VerifyMac", with(message, "Mac", call("GenerateMac", message).get("Mac")));
        return calls;
    }

    /** DryRun always answers with an error, which says how the call would have ended. */
    void dryRuns() {
        Map<String, Map<String, Object>> calls = new LinkedHashMap<>();
        check("keys for DryRun", () -> {
            calls.putAll(cryptoCalls(newKeySet()));
            calls.put("GetSecretValue", of("SecretName", secret));
        });
        calls.forEach((action, parameters) -> check(action + " with DryRun", () -> {
            for (String yes : List.of("true", "True")) {
                refusedNow(400, "DryRunOperationError", action, with(parameters, "DryRun", yes));
            }
            call(action, with(parameters, "DryRun", "false"));
            refusedNow(400, "InvalidParameter", action, with(parameters, "DryRun", "perhaps"));
            Map<String, Object> wrong = of("KeyId", UNKNOWN_KEY, "CiphertextBlob", "no base64!", "SecretName", id + "/none");
            for (String name : wrong.keySet()) {
                if (parameters.containsKey(name)) {
                    refusedNow(400, "ValidationError", action, with(parameters, "DryRun", "true", name, wrong.get(name)));
                }
            }
        }));
    }

    /** What needs the vendor's attestation service is refused for good. */
    void enclaves() {
        refuses("GetChallenge", 400, "UnsupportedOperation", "GetChallenge", of());
        check("answers sealed for an enclave are refused", () -> {
            String recipient = "YXR0ZXN0YXRpb24=";
            Map<String, Object> plain = decrypter("EC_SM2").named("Algorithm", "SM2PKE", "Plaintext", "YQ==");
            Object sealed = call("AsymmetricEncrypt", plain).get("CiphertextBlob");
            Object blob = call("GenerateDataKey", of("KeyId", keyId)).get("CiphertextBlob");
            refusedNow(400, "UnsupportedOperation", "Decrypt", of("CiphertextBlob", blob, "Recipient", recipient));
            refusedNow(400, "UnsupportedOperation", "GenerateDataKey", of("KeyId", keyId, "Recipient", recipient));
            refusedNow(400, "UnsupportedOperation", "AsymmetricDecrypt",
                    with(without(plain, "Plaintext"), "CiphertextBlob", sealed, "Recipient", recipient));
            refusedNow(400, "UnsupportedOperation", "GetSecretValue", of("SecretName", secret, "Recipient", recipient));
        });
    }

    private void each(KeySet keys, String action, Object... parameters) throws Exception {
        for (String name : keys.ids()) {
            call(action, with(of("KeyId", name), parameters));
        }
    }

    private void allRefused(KeySet keys, Map<String, Map<String, Object>> calls, String code) throws Exception {
        for (var each : calls.entrySet()) {
            refusedNow(409, code, each.getKey(), each.getValue());
        }
        refusedNow(409, code, "CreateKeyVersion", of("KeyId", keys.symmetric));
    }

    /** The published table: what a key may do in which state. */
    void stateTable() {
        KeySet[] made = {null};
        Map<String, Map<String, Object>> calls = new LinkedHashMap<>();
        if (!check("keys for the state table", () -> {
            made[0] = newKeySet();
            calls.putAll(cryptoCalls(made[0]));
        })) {
            return;
        }
        KeySet keys = made[0];
        Map<String, Object> name = of("AliasName", "alias/" + id + "/state");
        check("a disabled key does nothing, and can still be read and managed", () -> {
            each(keys, "DisableKey");
            allRefused(keys, calls, "Rejected.Disabled");
            for (String each : keys.ids()) {
                readable(each);
            }
            call("CreateAlias", with(name, "KeyId", keys.mac));
            call("UpdateAlias", with(name, "KeyId", keys.symmetric));
            each(keys, "SetDeletionProtection", "EnableDeletionProtection", false);
            refusedNow(409, "Rejected.StateModifiedFailed", "CancelKeyDeletion", of("KeyId", keys.mac));
            each(keys, "EnableKey");
        });
        check("an enabled key does everything", () -> {
            for (var each : calls.entrySet()) {
                call(each.getKey(), each.getValue());
            }
        });
        check("a key that waits for deletion does nothing, and can still be read", () -> {
            each(keys, "ScheduleKeyDeletion", "PendingWindowInDays", 7);
            allRefused(keys, calls, "Rejected.PendingDeletion");
            Map<String, Object> target = of("KeyId", keys.symmetric);
            refusedNow(409, "Rejected.StateModifiedFailed", "CreateAlias", with(target, "AliasName", "alias/" + id + "/late"));
            refusedNow(409, "Rejected.PendingDeletion", "UpdateAlias", with(target, "AliasName", alias));
            refusedNow(409, "Rejected.PendingDeletion", "UpdateRotationPolicy",
                    with(target, "EnableAutomaticRotation", true, "RotationInterval", "7d"));
            for (String each : keys.ids()) {
                readable(each);
            }
            call("DeleteAlias", name);
            each(keys, "CancelKeyDeletion");
        });
        check("a key that waits for its material", this::externalStates);
    }

    /** What is allowed in every state. */
    private void readable(String which) throws Exception {
        Map<String, Object> name = of("KeyId", which);
        call("DescribeKey", name);
        call("ListAliasesByKeyId", name);
        for (Map<String, Object> version : list(call("ListKeyVersions", name), "KeyVersions", "KeyVersion")) {
            call("DescribeKeyVersion", with(name, "KeyVersionId", version.get("KeyVersionId")));
        }
        call("UpdateKeyDescription", with(name, "Description", "still there"));
        call("TagResource", with(name, "Tags", asTags("state", "any")));
        equal(keyTags(which), of("state", "any"), "tags");
        call("UntagResource", with(name, "TagKeys", "state"));
        call("SetKeyPolicy", with(name, "Policy", call("GetKeyPolicy", name).get("Policy")));
    }

    private void externalStates() throws Exception {
        byte[] material = random(32);
        String external = newKeyId("Origin", "EXTERNAL");
        Map<String, Object> name = of("KeyId", external);
        bring(way(external).of(material, 0));
        var calls = cryptoCalls(new KeySet(external, macKeys.get("HMAC_SHA_256"), signer("EC_P256"), decrypter("EC_SM2")));
        call("DeleteKeyMaterial", name);
        for (String action : List.of(
                "Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateAndExportDataKey", "ExportDataKey", "ReEncrypt")) {
            refusedNow(409, "Rejected.PendingImport", action, calls.get(action));
        }
        for (String action : List.of("EnableKey", "DisableKey", "CancelKeyDeletion")) {
            refusedNow(409, "Rejected.StateModifiedFailed", action, name);
        }
        refusedNow(400, "Rejected.UnsupportedOperation", "CreateKeyVersion", name);
        readable(external);
        call("DeleteKeyMaterial", name);
        call("CreateAlias", with(name, "AliasName", "alias/" + id + "/external"));
        call("UpdateAlias", with(name, "AliasName", "alias/" + id + "/external"));
        Way way = way(external);
        call("ScheduleKeyDeletion", with(name, "PendingWindowInDays", 7));
        refusedNow(409, "Rejected.StateModifiedFailed", "ImportKeyMaterial", way.of(material, 0));
        way(external);
        call("DeleteKeyMaterial", name);
        equal(state(name), "PendingDeletion", "KeyState");
        call("CancelKeyDeletion", name);
        equal(state(name), "PendingImport", "KeyState");
        bring(way.of(material, 0));
        call("Decrypt", calls.get("Decrypt"));
    }
}
