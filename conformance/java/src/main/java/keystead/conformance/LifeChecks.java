package keystead.conformance;

import static keystead.conformance.Harness.empty;
import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Versions, rotation and deletion of keys. */
abstract class LifeChecks extends MovementChecks {
    LifeChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    void versions() {
        Map<String, Object> name = of();
        Map<String, Object> blob = of();
        Object[] first = {null};
        if (!check("CreateKeyVersion makes a new primary version", () -> {
            Map<String, Object> made = newKey(of());
            first[0] = made.get("PrimaryKeyVersion");
            name.put("KeyId", made.get("KeyId"));
            blob.put("CiphertextBlob", call("Encrypt", with(name, "Plaintext", "old")).get("CiphertextBlob"));
            Map<String, Object> version = map(call("CreateKeyVersion", name).get("KeyVersion"));
            equal(version.get("KeyId"), made.get("KeyId"), "KeyId");
            matches(VERSION_ID, version.get("KeyVersionId"), "KeyVersionId");
            matches(TIME, version.get("CreationDate"), "CreationDate");
            holds(!version.get("KeyVersionId").equals(first[0]), "the version is the old one");
            fields(metadata(made.get("KeyId")), of(
                    "PrimaryKeyVersion", version.get("KeyVersionId"), "LastRotationDate", version.get("CreationDate")));
            equal(call("Encrypt", with(name, "Plaintext", "new")).get("KeyVersionId"), version.get("KeyVersionId"), "version of Encrypt");
            equal(call("GenerateDataKey", name).get("KeyVersionId"), version.get("KeyVersionId"), "version of GenerateDataKey");
        })) {
            return;
        }
        check("an old version still decrypts", () ->
                fields(call("Decrypt", blob), of("Plaintext", "old", "KeyVersionId", first[0])));
        check("ReEncrypt to its own key brings a ciphertext under the new version", () -> {
            Map<String, Object> moved = call("ReEncrypt", with(blob, "DestinationKeyId", name.get("KeyId")));
            equal(moved.get("KeyVersionId"), first[0], "KeyVersionId of ReEncrypt");
            Object primary = metadata(name.get("KeyId")).get("PrimaryKeyVersion");
            fields(call("Decrypt", of("CiphertextBlob", moved.get("CiphertextBlob"))), of("Plaintext", "old", "KeyVersionId", primary));
        });
        check("ListKeyVersions and DescribeKeyVersion agree", () -> {
            String other = "alias/" + id + "/versions";
            call("CreateAlias", with(name, "AliasName", other));
            call("CreateKeyVersion", of("KeyId", other));
            Set<Object> seen = new HashSet<>();
            for (int number = 1; number <= 3; number++) {
                Map<String, Object> page = call("ListKeyVersions", with(name, "PageNumber", number, "PageSize", 1));
                fields(page, of("PageNumber", number, "PageSize", 1, "TotalCount", 3));
                Map<String, Object> entry = list(page, "KeyVersions", "KeyVersion").get(0);
                seen.add(entry.get("KeyVersionId"));
                for (Object each : List.of(name.get("KeyId"), other)) {
                    Object described = call("DescribeKeyVersion", of("KeyId", each, "KeyVersionId", entry.get("KeyVersionId"))).get("KeyVersion");
                    equal(described, entry, "KeyVersion");
                }
            }
            holds(seen.size() == 3 && seen.contains(first[0]), "the pages show " + seen);
            fields(call("ListKeyVersions", of("KeyId", other)), of("PageNumber", 1, "PageSize", 10, "TotalCount", 3));
            equal(list(call("ListKeyVersions", with(name, "PageNumber", 2)), "KeyVersions", "KeyVersion").size(), 0, "entries beyond");
        });
        check("wrong pages, keys and versions are refused", () -> {
            for (int size : new int[] {0, 101}) {
                refusedNow(400, "InvalidParameter", "ListKeyVersions", with(name, "PageSize", size));
            }
            for (String action : List.of("CreateKeyVersion", "ListKeyVersions")) {
                refusedNow(404, "Forbidden.KeyNotFound", action, of("KeyId", UNKNOWN_KEY));
                refusedNow(404, "Forbidden.AliasNotFound", action, of("KeyId", "alias/there-is-no-such-alias"));
                refusedNow(400, "MissingKeyId", action, of());
            }
            for (Object version : List.of("00000000-0000-4000-8000-000000000000", key.get("PrimaryKeyVersion"))) {
                refusedNow(404, "Forbidden.KeyVersionNotFound", "DescribeKeyVersion", with(name, "KeyVersionId", version));
            }
            refusedNow(404, "Forbidden.KeyNotFound", "DescribeKeyVersion", of("KeyId", UNKNOWN_KEY, "KeyVersionId", first[0]));
            refusedNow(400, "MissingKeyVersionId", "DescribeKeyVersion", name);
        });
        check("a key pair takes its next version after seven days only", () -> {
            Pair pair = signer("EC_P256");
            refusedNow(400, "Rejected.UnsupportedOperation", "CreateKeyVersion", of("KeyId", pair.id));
            pair.answers(map(call("DescribeKeyVersion", pair.named()).get("KeyVersion")));
        });
    }

    private static Map<String, Object> on(Object name, String interval) {
        return of("KeyId", name, "EnableAutomaticRotation", true, "RotationInterval", interval);
    }

    void rotationPolicies() {
        String[] made = {null};
        if (!check("CreateKey with automatic rotation", () -> {
            Map<String, Object> metadata = newKey(of("EnableAutomaticRotation", true, "RotationInterval", "365d"));
            made[0] = (String) metadata.get("KeyId");
            rotates(metadata, 365);
            rotates(metadata(made[0]), 365);
        })) {
            return;
        }
        String name = made[0];
        Map<String, Integer> intervals = new LinkedHashMap<>();
        intervals.put("7d", 7);
        intervals.put("168h", 7);
        intervals.put("10080m", 7);
        intervals.put("604800s", 7);
        intervals.put("730d", 730);
        intervals.put("8784h", 366);
        intervals.forEach((interval, days) -> check("UpdateRotationPolicy to " + interval, () -> {
            call("UpdateRotationPolicy", on(name, interval));
            rotates(metadata(name), days);
        }));
        check("a disabled key suspends its rotation", () -> {
            call("DisableKey", of("KeyId", name));
            Map<String, Object> metadata = metadata(name);
            equal(metadata.get("AutomaticRotation"), "Suspended", "AutomaticRotation");
            holds(metadata.get("RotationInterval") != null, "no RotationInterval");
            refusedNow(409, "Rejected.Disabled", "UpdateRotationPolicy", on(name, "7d"));
            call("EnableKey", of("KeyId", name));
            equal(metadata(name).get("AutomaticRotation"), "Enabled", "AutomaticRotation");
        });
        check("UpdateRotationPolicy switches rotation off", () -> {
            call("UpdateRotationPolicy", of("KeyId", name, "EnableAutomaticRotation", false));
            Map<String, Object> metadata = metadata(name);
            equal(metadata.get("AutomaticRotation"), "Disabled", "AutomaticRotation");
            empty(metadata, "RotationInterval", "NextRotationDate");
        });
        for (String interval : List.of("6d", "731d", "167h", "604799s", "7", "7w", "-7d", "7.5d", "d", "7 d", "99999999999999999999d")) {
            refuses("UpdateRotationPolicy to " + interval, 400, "InvalidParameter", "UpdateRotationPolicy", on(name, interval));
        }
        check("CreateKey with a bad interval is refused", () -> {
            for (String interval : List.of("6d", "731d", "7")) {
                refusedNow(400, "InvalidParameter", "CreateKey", of("EnableAutomaticRotation", true, "RotationInterval", interval));
            }
        });
        check("UpdateRotationPolicy without its parameters is refused", () -> {
            refusedNow(400, "MissingKeyId", "UpdateRotationPolicy", of("EnableAutomaticRotation", false));
            refusedNow(400, "MissingEnableAutomaticRotation", "UpdateRotationPolicy", of("KeyId", name));
            refusedNow(400, "MissingParameter", "UpdateRotationPolicy", of("KeyId", name, "EnableAutomaticRotation", true));
            refusedNow(404, "Forbidden.KeyNotFound", "UpdateRotationPolicy", on(UNKNOWN_KEY, "7d"));
            refusedNow(400, "Unsupported.Alias", "UpdateRotationPolicy", on(alias, "7d"));
        });
        check("keys that cannot rotate refuse a policy", () -> {
            String external = newKeyId("Origin", "EXTERNAL");
            for (String each : List.of(signer("RSA_2048").id, macKeys.get("HMAC_SHA_256"), external)) {
                refusedNow(400, "Rejected.UnsupportedOperation", "UpdateRotationPolicy", on(each, "7d"));
            }
            refusedNow(400, "Rejected.UnsupportedOperation", "CreateKeyVersion", of("KeyId", external));
        });
    }

    private static void rotates(Map<String, Object> metadata, int days) {
        Duration interval = Duration.ofDays(days);
        Instant last = Instant.parse((String) metadata.get("LastRotationDate"));
        fields(metadata, of(
                "AutomaticRotation", "Enabled",
                "RotationInterval", interval.getSeconds() + "s",
                "NextRotationDate", last.plus(interval).toString()));
    }

    /** Says that a time is so many days from now. */
    static void inDays(Object time, int days, String what) {
        matches(TIME, time, what);
        Duration late = Duration.between(Instant.now(), Instant.parse((String) time)).minusDays(days);
        holds(late.abs().toMinutes() < 1, what + " is " + time);
    }

    void keyDeletion() {
        Map<String, Object> name = of();
        Map<String, Object> blob = of();
        if (!check("CreateKey for deletion", () -> {
            name.put("KeyId", newKeyId());
            blob.put("CiphertextBlob", call("Encrypt", with(name, "Plaintext", "kept")).get("CiphertextBlob"));
            call("CreateAlias", with(name, "AliasName", "alias/" + id + "/deleted"));
        })) {
            return;
        }
        for (int days : new int[] {7, 366}) {
            check("ScheduleKeyDeletion for " + days + " days, and CancelKeyDeletion", () -> {
                call("ScheduleKeyDeletion", with(name, "PendingWindowInDays", days));
                Map<String, Object> metadata = metadata(name.get("KeyId"));
                equal(metadata.get("KeyState"), "PendingDeletion", "KeyState");
                inDays(metadata.get("DeleteDate"), days, "DeleteDate");
                refusedNow(409, "Rejected.PendingDeletion", "Decrypt", blob);
                refusedNow(409, "Rejected.StateModifiedFailed", "ScheduleKeyDeletion", with(name, "PendingWindowInDays", 7));
                refusedNow(409, "Rejected.StateModifiedFailed", "EnableKey", name);
                refusedNow(409, "Rejected.StateModifiedFailed", "DisableKey", name);
                call("CancelKeyDeletion", name);
                metadata = metadata(name.get("KeyId"));
                equal(metadata.get("KeyState"), "Enabled", "KeyState");
                empty(metadata, "DeleteDate");
                equal(call("Decrypt", blob).get("Plaintext"), "kept", "Plaintext");
                refusedNow(409, "Rejected.StateModifiedFailed", "CancelKeyDeletion", name);
            });
        }
        check("a disabled key can be scheduled, and comes back enabled", () -> {
            Map<String, Object> byArn = of("KeyId", arn("key/", (String) name.get("KeyId")));
            call("DisableKey", name);
            call("ScheduleKeyDeletion", with(byArn, "PendingWindowInDays", 30));
            call("CancelKeyDeletion", byArn);
            equal(state(name), "Enabled", "KeyState");
        });
        check("ScheduleKeyDeletion with a bad window is refused", () -> {
            for (int days : new int[] {-1, 0, 6, 367}) {
                refusedNow(400, "InvalidParameter", "ScheduleKeyDeletion", with(name, "PendingWindowInDays", days));
            }
            refusedNow(400, "MissingPendingWindowInDays", "ScheduleKeyDeletion", name);
        });
        for (String action : List.of("ScheduleKeyDeletion", "CancelKeyDeletion")) {
            Map<String, Object> parameters = action.startsWith("S") ? of("PendingWindowInDays", 7) : of();
            check(action + " of a wrong key is refused", () -> {
                refusedNow(400, "MissingKeyId", action, parameters);
                refusedNow(404, "Forbidden.KeyNotFound", action, with(parameters, "KeyId", UNKNOWN_KEY));
                refusedNow(400, "Unsupported.Alias", action, with(parameters, "KeyId", alias));
            });
        }
    }

    void deletionProtection() {
        String[] made = {null};
        if (!check("CreateKey for deletion protection", () -> made[0] = newKeyId())) {
            return;
        }
        String name = made[0];
        String action = "SetDeletionProtection";
        Map<String, Object> byId = of("KeyId", name);
        Map<String, Object> byArn = of("ProtectedResourceArn", arn("key/", name));
        for (Map<String, Object> resource : List.of(byId, byArn)) {
            check("SetDeletionProtection by " + resource.keySet(), () -> {
                String text = "in use é";
                call(action, with(resource, "EnableDeletionProtection", true, "DeletionProtectionDescription", text));
                fields(metadata(name), of("DeletionProtection", "Enabled", "DeletionProtectionDescription", text, "KeyState", "Enabled"));
                refusedNow(400, "Rejected.UnsupportedOperation", "ScheduleKeyDeletion", with(byId, "PendingWindowInDays", 7));
                call(action, with(resource, "EnableDeletionProtection", false));
                Map<String, Object> metadata = metadata(name);
                equal(metadata.get("DeletionProtection"), "Disabled", "DeletionProtection");
                empty(metadata, "DeletionProtectionDescription");
            });
        }
        check("SetDeletionProtection of a wrong resource is refused", () -> {
            Map<String, Object> on = of("EnableDeletionProtection", true);
            refusedNow(404, "Forbidden.KeyNotFound", action, with(on, "KeyId", UNKNOWN_KEY));
            refusedNow(404, "Forbidden.KeyNotFound", action, with(on, "ProtectedResourceArn", arn("key/", UNKNOWN_KEY)));
            refusedNow(400, "InvalidParameter", action, with(on, "ProtectedResourceArn", "acs:kms:key"));
            refusedNow(403, "Forbidden.DKMSInstanceNotFound", action, with(on, "KmsInstanceId", "kst-hzz62d8f5e0sgtx8habcd"));
            refusedNow(400, "MissingParameter", action, on);
            refusedNow(400, "InvalidParameter", action, with(with(on, byId), byArn));
            refusedNow(400, "MissingEnableDeletionProtection", action, byArn);
        });
        check("SetDeletionProtection of a key that waits for deletion is refused", () -> {
            call("ScheduleKeyDeletion", with(byId, "PendingWindowInDays", 7));
            refusedNow(409, "Rejected.PendingDeletion", action, with(byArn, "EnableDeletionProtection", true));
        });
    }

    void keyDescriptions() {
        Map<String, Object> name = of("KeyId", keyId);
        for (String text : List.of("é 密 🔑 a+b&c=d%20", "d".repeat(8192))) {
            check("UpdateKeyDescription of " + text.length() + " characters", () -> {
                call("UpdateKeyDescription", with(name, "Description", text));
                equal(metadata(keyId).get("Description"), text, "Description");
            });
        }
        check("UpdateKeyDescription with wrong parameters is refused", () -> {
            refusedNow(400, "InvalidParameter", "UpdateKeyDescription", with(name, "Description", "d".repeat(8193)));
            refusedNow(404, "Forbidden.KeyNotFound", "UpdateKeyDescription", of("KeyId", UNKNOWN_KEY, "Description", "x"));
            refusedNow(400, "Unsupported.Alias", "UpdateKeyDescription", of("KeyId", alias, "Description", "x"));
            refusedNow(400, "MissingDescription", "UpdateKeyDescription", name);
            refusedNow(400, "MissingKeyId", "UpdateKeyDescription", of("Description", "x"));
        });
    }
}
