package keystead.conformance;

import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.refused;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import keystead.conformance.KmsClient.Overrides;

/** All checks, in the order in which they build on each other. */
final class Suite extends SecretTypeChecks {
    /** The thorough run also holds what takes long, and the lists that no signature version can change. */
    Suite(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    void run() throws Exception {
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
        walk();
        missingParameters();
        refuses("an unknown operation", 404, "InvalidAction.NotFound", "NoSuchOperation", of());
        clockAndReplay();
    }

    /** Goes over every other operation on keys and secrets. */
    private void walk() throws Exception {
        keySpecs();
        publicKeys();
        signatures();
        asymmetricCiphers();
        macs();
        reEncryption();
        exports();
        versions();
        rotationPolicies();
        keyDeletion();
        deletionProtection();
        keyDescriptions();
        imports();
        aliasChanges();
        keyAndSecretTags();
        batchTags();
        enclaves();
        batches();
        versionStages();
        secretVersionLists();
        secretDeletion();
        secretUpdates();
        secretKeys();
        rotatingSecrets();
        genericRotation();
        if (thorough) {
            keyPolicies();
            managedDataKeys();
            keyFilters();
            dryRuns();
            stateTable();
            secretPolicies();
            secretFilters();
            for (String action : facts.catalogue.beyond()) {
                refuses(action + ", which the API no longer lists,", 400, "UnsupportedOperation", action, of());
            }
        }
    }

    void missingParameters() {
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

    void clockAndReplay() {
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
                refused(400, "InvalidVersion", () -> kms.callGeneral("DescribeRegions", "2017-01-20", of(), Overrides.NONE)));
        check("a request sent twice is refused", () -> {
            String date = stamp(0);
            String nonce = hex(16);
            answered(describeRegions(date, nonce));
            refused(400, "SignatureNonceUsed", () -> describeRegions(date, nonce));
        });
    }

    Map<String, Object> describeRegions(String date, String nonce) throws Exception {
        return kms.call("DescribeRegions", of(), new Overrides(date, nonce));
    }
}
