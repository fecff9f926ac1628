package keystead.conformance;

import static keystead.conformance.Harness.empty;
import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What happens to secrets and their versions between creation and deletion. */
abstract class SecretLifeChecks extends RehearsalChecks {
    SecretLifeChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    Map<String, Object> newSecret(String name, Object... parameters) throws Exception {
        Map<String, Object> named = of("SecretName", id + "/" + name);
        call("CreateSecret", with(with(named, "VersionId", "v1", "SecretData", "one"), parameters));
        return named;
    }

    private Map<String, Object> none() {
        return of("SecretName", id + "/none");
    }

    @SuppressWarnings("unchecked")
    private static Map<Object, Map<String, Object>> byName(Object entries) {
        return ((List<Map<String, Object>>) entries).stream().collect(Collectors.toMap(entry -> entry.get("SecretName"), entry -> entry));
    }

    void batches() {
        List<Object> entries = new ArrayList<>();
        List<String> names = new ArrayList<>();
        if (!check("secrets for BatchGetSecretValue", () -> {
            for (int number = 0; number < 21; number++) {
                Map<String, Object> made = newSecret(String.format("batch-%02d", number), "SecretData", "value " + number);
                entries.add(made);
                names.add((String) made.get("SecretName"));
            }
        })) {
            return;
        }
        check("BatchGetSecretValue of 20 secrets", () -> {
            Map<String, Object> answer = call("BatchGetSecretValue", of("SecretsList", entries.subList(0, 20)));
            var values = byName(answer.get("SecretValues"));
            equal(values.size(), 20, "number of values");
            equal(byName(answer.get("Errors")).size(), 0, "number of errors");
            for (int number = 0; number < 20; number++) {
                Map<String, Object> value = values.get(names.get(number));
                fields(value, of("SecretData", "value " + number, "SecretDataType", "text", "SecretType", "Generic", "VersionId", "v1"));
                equal(List.copyOf(stages(value)), List.of("ACSCurrent"), "VersionStages");
                matches(TIME, value.get("CreateTime"), "CreateTime");
                empty(value, "ExtendedConfig", "NextRotationDate", "RotationInterval", "AutomaticRotation");
            }
        });
        check("BatchGetSecretValue tells what cannot be read beside what can", () -> {
            call("PutSecretValue", of("SecretName", names.get(1), "VersionId", "v2", "SecretData", "newer"));
            Map<String, Object> answer = call("BatchGetSecretValue", of("SecretsList", List.of(
                    of("SecretName", names.get(0), "VersionId", "v1"),
                    of("SecretName", names.get(1), "VersionStage", "ACSPrevious"),
                    of("SecretName", names.get(2), "VersionId", "v9"),
                    none(),
                    of("SecretName", arn("secret/", names.get(3))))));
            var values = byName(answer.get("SecretValues"));
            var errors = byName(answer.get("Errors"));
            equal(values.get(names.get(0)).get("SecretData"), "value 0", "SecretData");
            fields(values.get(names.get(1)), of("SecretData", "value 1", "VersionId", "v1"));
            equal(values.get(names.get(3)).get("SecretData"), "value 3", "SecretData by ARN");
            for (Object name : List.of(names.get(2), none().get("SecretName"))) {
                equal(errors.get(name).get("Code"), "Forbidden.ResourceNotFound", "Code");
                equal(((Number) errors.get(name).get("HttpStatus")).intValue(), 404, "HttpStatus");
                holds(!"".equals(errors.get(name).get("Message")), "the error has no message");
            }
            equal(values.size() + errors.size(), 5, "number of entries");
        });
        Map<String, Object> wrong = new LinkedHashMap<>();
        wrong.put("21 secrets", entries);
        wrong.put("a secret twice", List.of(entries.isEmpty() ? none() : entries.get(0), of("SecretName", names.get(0), "VersionId", "v1")));
        wrong.put("nothing", List.of());
        wrong.put("no list", "secrets");
        wrong.put("an entry without a name", List.of(of("VersionId", "v1")));
        wrong.forEach((what, list) ->
                refuses("BatchGetSecretValue of " + what, 400, "InvalidParameter", "BatchGetSecretValue", of("SecretsList", list)));
    }

    /** The labels of a secret, each with the version that holds it. */
    private Map<String, Object> labels(Map<String, Object> name) throws Exception {
        Map<String, Object> held = new TreeMap<>();
        Map<String, Object> answer = call("ListSecretVersionIds", with(name, "IncludeDeprecated", "true"));
        for (Map<String, Object> version : list(answer, "VersionIds", "VersionId")) {
            if (version.get("VersionStages") != null && map(version.get("VersionStages")).get("VersionStage") != null) {
                stages(version).forEach(stage -> held.put((String) stage, version.get("VersionId")));
            }
        }
        return held;
    }

    private static Map<String, Object> move(Map<String, Object> name, String stage, Object to, Object from) {
        Map<String, Object> parameters = with(name, "VersionStage", stage, "MoveToVersion", to, "RemoveFromVersion", from);
        parameters.values().removeIf(value -> value == null);
        return parameters;
    }

    void versionStages() {
        String action = "UpdateSecretVersionStage";
        Map<String, Object> name = of();
        if (!check("a secret with three versions", () -> {
            name.putAll(newSecret("stages"));
            call("PutSecretValue", with(name, "VersionId", "v2", "SecretData", "two"));
            call("PutSecretValue", with(name, "VersionId", "v3", "SecretData", "three", "VersionStages", "[\"green\"]"));
        })) {
            return;
        }
        Object[][] steps = {
            {"adds a label", "blue", "v1", null, of("ACSCurrent", "v2", "ACSPrevious", "v1", "green", "v3", "blue", "v1")},
            {"takes a label along", "blue", "v2", null, of("ACSCurrent", "v2", "ACSPrevious", "v1", "green", "v3", "blue", "v2")},
            {"moves a label", "blue", "v3", "v2", of("ACSCurrent", "v2", "ACSPrevious", "v1", "green", "v3", "blue", "v3")},
            {"removes a label", "blue", null, "v3", of("ACSCurrent", "v2", "ACSPrevious", "v1", "green", "v3")},
            {"moves ACSCurrent", "ACSCurrent", "v3", "v2", of("ACSCurrent", "v3", "ACSPrevious", "v2", "green", "v3")},
            {"moves ACSCurrent back", "ACSCurrent", "v2", null, of("ACSCurrent", "v2", "ACSPrevious", "v3", "green", "v3")},
            {"moves ACSPrevious", "ACSPrevious", "v1", "v3", of("ACSCurrent", "v2", "ACSPrevious", "v1", "green", "v3")},
        };
        for (Object[] step : steps) {
            check(action + " " + step[0], () -> {
                Map<String, Object> answer = call(action, move(name, (String) step[1], step[2], step[3]));
                equal(answer.get("SecretName"), name.get("SecretName"), "SecretName");
                equal(labels(name), step[4], "labels");
                Object current = Map.of("v2", "two", "v3", "three").get(map(step[4]).get("ACSCurrent"));
                equal(call("GetSecretValue", name).get("SecretData"), current, "SecretData");
            });
        }
        check(action + " with wrong versions is refused", () -> {
            Map<String, Object> before = labels(name);
            refusedNow(400, "Rejected.InvalidRequest", action, move(name, "green", "v1", "v2"));
            refusedNow(400, "Rejected.InvalidRequest", action, move(name, "green", null, "v2"));
            refusedNow(404, "Forbidden.ResourceNotFound", action, move(name, "green", "v9", null));
            refusedNow(404, "Forbidden.ResourceNotFound", action, move(none(), "green", "v1", null));
            for (String stage : List.of("ACSCurrent", "ACSPrevious")) {
                refusedNow(400, "Rejected.UnsupportedOperation", action, move(name, stage, null, before.get(stage)));
            }
            refusedNow(400, "MissingParameter", action, move(name, "green", null, null));
            refusedNow(400, "InvalidParameter", action, move(name, "s".repeat(65), "v1", null));
            refusedNow(400, "MissingVersionStage", action, with(name, "MoveToVersion", "v1"));
            refusedNow(400, "MissingSecretName", action, of("VersionStage", "green", "MoveToVersion", "v1"));
            equal(labels(name), before, "labels");
        });
        check("a secret has 8 labels at most", () -> {
            for (int number = 0; number < 5; number++) {
                call(action, move(name, "label-" + number, "v1", null));
            }
            equal(labels(name).size(), 8, "number of labels");
            refusedNow(400, "Rejected.LimitExceeded", action, move(name, "label-9", "v1", null));
            call(action, move(name, "label-1", "v2", null));
        });
    }

    private String allVersions(Map<String, Object> name, Object... more) throws Exception {
        Map<String, Object> answer = call("ListSecretVersionIds", with(with(name, "IncludeDeprecated", "true"), more));
        return list(answer, "VersionIds", "VersionId").stream().map(entry -> (String) entry.get("VersionId")).collect(Collectors.joining(" "));
    }

    void secretVersionLists() {
        Map<String, Object> name = of();
        if (!check("ListSecretVersionIds, newest first", () -> {
            name.putAll(newSecret("versions"));
            for (int number = 2; number <= 10; number++) {
                call("PutSecretValue", with(name, "VersionId", "v" + number, "SecretData", "x"));
            }
            Map<String, Object> answer = call("ListSecretVersionIds", name);
            fields(answer, with(name, "PageNumber", 1, "PageSize", 20, "TotalCount", 2));
            List<Map<String, Object>> entries = list(answer, "VersionIds", "VersionId");
            equal(entries.get(0).get("VersionId"), "v10", "VersionId");
            equal(entries.get(1).get("VersionId"), "v9", "VersionId");
            matches(TIME, entries.get(0).get("CreateTime"), "CreateTime");
            equal(List.copyOf(stages(entries.get(1))), List.of("ACSPrevious"), "VersionStages");
        })) {
            return;
        }
        check("ListSecretVersionIds with the versions without labels, by pages", () -> {
            equal(allVersions(name), "v10 v9 v8 v7 v6 v5 v4 v3 v2 v1", "versions");
            equal(allVersions(name, "PageSize", 4, "PageNumber", 3), "v2 v1", "versions of the last page");
        });
        check("an eleventh version drives out the oldest without a label", () -> {
            call("UpdateSecretVersionStage", move(name, "kept", "v1", null));
            call("PutSecretValue", with(name, "VersionId", "v11", "SecretData", "x"));
            equal(allVersions(name), "v11 v10 v9 v8 v7 v6 v5 v4 v3 v1", "versions");
            refusedNow(404, "Forbidden.ResourceNotFound", "GetSecretValue", with(name, "VersionId", "v2"));
        });
        check("ListSecretVersionIds with wrong parameters is refused", () -> {
            refusedNow(404, "Forbidden.ResourceNotFound", "ListSecretVersionIds", none());
            refusedNow(400, "InvalidParameter", "ListSecretVersionIds", with(name, "PageSize", 101));
            refusedNow(400, "InvalidParameter", "ListSecretVersionIds", with(name, "PageNumber", 0));
            refusedNow(400, "MissingSecretName", "ListSecretVersionIds", of());
        });
    }

    void secretDeletion() {
        Map<String, Integer> windows = new LinkedHashMap<>();
        windows.put("", 30);
        windows.put("7", 7);
        windows.put("30", 30);
        windows.forEach((window, days) -> check("DeleteSecret with the window '" + window + "', and RestoreSecret", () -> {
            Map<String, Object> name = newSecret("deleted-" + window);
            Map<String, Object> answer = call("DeleteSecret", window.isEmpty() ? name : with(name, "RecoveryWindowInDays", window));
            equal(answer.get("SecretName"), name.get("SecretName"), "SecretName");
            inDays(answer.get("PlannedDeleteTime"), days, "PlannedDeleteTime");
            inDays(call("DescribeSecret", name).get("PlannedDeleteTime"), days, "PlannedDeleteTime");
            inWindow(name);
            equal(call("RestoreSecret", name).get("SecretName"), name.get("SecretName"), "SecretName");
            empty(call("DescribeSecret", name), "PlannedDeleteTime");
            equal(call("GetSecretValue", name).get("SecretData"), "one", "SecretData");
            refusedNow(409, "Rejected.ResourceInUse", "RestoreSecret", name);
        }));
        Map<String, Object> forced = of("SecretName", id + "/forced");
        check("DeleteSecret by force frees the name at once", () -> {
            newSecret("forced");
            call("DeleteSecret", with(forced, "ForceDeleteWithoutRecovery", "true"));
            for (String action : List.of("GetSecretValue", "DescribeSecret", "RestoreSecret", "DeleteSecret", "ListSecretVersionIds")) {
                refusedNow(404, "Forbidden.ResourceNotFound", action, forced);
            }
            newSecret("forced", "SecretData", "new");
            equal(call("GetSecretValue", forced).get("SecretData"), "new", "SecretData");
        });
        check("DeleteSecret with a bad window is refused", () -> {
            for (String window : List.of("6", "31", "0", "-7", "soon")) {
                refusedNow(400, "InvalidParameter", "DeleteSecret", with(forced, "RecoveryWindowInDays", window));
            }
            refusedNow(400, "InvalidParameter", "DeleteSecret", with(forced, "RecoveryWindowInDays", "7", "ForceDeleteWithoutRecovery", "true"));
            equal(call("GetSecretValue", forced).get("SecretData"), "new", "SecretData");
        });
        for (String action : List.of("DeleteSecret", "RestoreSecret")) {
            check(action + " of nothing is refused", () -> {
                refusedNow(404, "Forbidden.ResourceNotFound", action, none());
                refusedNow(400, "MissingSecretName", action, of());
            });
        }
    }

    /** What a secret that waits for its deletion refuses. */
    private void inWindow(Map<String, Object> name) throws Exception {
        String code = "Rejected.ResourceInDeleteWindow";
        for (String action : List.of("DeleteSecret", "GetSecretValue")) {
            refusedNow(409, code, action, name);
        }
        for (String action : List.of("CreateSecret", "PutSecretValue")) {
            refusedNow(409, code, action, with(name, "VersionId", "v9", "SecretData", "x"));
        }
        refusedNow(409, code, "UpdateSecret", with(name, "Description", "x"));
        refusedNow(409, code, "UpdateSecretVersionStage", move(name, "blue", "v1", null));
        Map<String, Object> answer = call("ListSecrets", of("Filters", filters(List.of("SecretName", (String) name.get("SecretName")))));
        holds(list(answer, "SecretList", "Secret").get(0).get("PlannedDeleteTime") != null, "it is listed without PlannedDeleteTime");
    }

    void secretUpdates() {
        Map<String, Object> name = of("SecretName", id + "/updated");
        String text = "second é 密";
        check("UpdateSecret replaces the description", () -> {
            newSecret("updated", "Description", "first");
            equal(call("UpdateSecret", with(name, "Description", text)).get("SecretName"), name.get("SecretName"), "SecretName");
            equal(call("DescribeSecret", name).get("Description"), text, "Description");
            equal(call("GetSecretValue", name).get("SecretData"), "one", "SecretData");
        });
        check("UpdateSecret with wrong parameters is refused", () -> {
            refusedNow(400, "InvalidParameter", "UpdateSecret", with(name, "Description", "d".repeat(8193)));
            refusedNow(404, "Forbidden.ResourceNotFound", "UpdateSecret", with(none(), "Description", "x"));
            refusedNow(400, "MissingSecretName", "UpdateSecret", of("Description", "x"));
            equal(call("DescribeSecret", name).get("Description"), text, "Description");
        });
    }

    void secretPolicies() {
        Map<String, Object> name = of();
        if (check("CreateSecret for policies", () -> name.putAll(newSecret("policy")))) {
            policies("Secret", name, none(), "Forbidden.ResourceNotFound");
        }
    }

    /** Values that are wrapped with a key of the caller, whose state then decides. */
    void secretKeys() {
        check("a secret under a key of its own", () -> {
            Map<String, Object> wrapper = of("KeyId", newKeyId());
            Map<String, Object> name = newSecret("wrapped", "EncryptionKeyId", wrapper.get("KeyId"));
            Map<String, Object> second = with(name, "VersionId", "v2", "SecretData", "two");
            equal(call("DescribeSecret", name).get("EncryptionKeyId"), wrapper.get("KeyId"), "EncryptionKeyId");
            call("DisableKey", wrapper);
            refusedNow(409, "Rejected.Disabled", "GetSecretValue", name);
            refusedNow(409, "Rejected.Disabled", "PutSecretValue", second);
            call("EnableKey", wrapper);
            call("PutSecretValue", second);
            call("ScheduleKeyDeletion", with(wrapper, "PendingWindowInDays", 7));
            refusedNow(409, "Rejected.PendingDeletion", "GetSecretValue", name);
            call("CancelKeyDeletion", wrapper);
            equal(call("GetSecretValue", name).get("SecretData"), "two", "SecretData");
        });
        check("CreateSecret under a key that cannot be is refused", () -> {
            Map<String, Object> parameters = of("SecretName", id + "/wrapped-not", "VersionId", "v1", "SecretData", "x");
            refusedNow(404, "Forbidden.KeyNotFound", "CreateSecret", with(parameters, "EncryptionKeyId", UNKNOWN_KEY));
            refusedNow(400, "UnsupportedOperation", "CreateSecret", with(parameters, "EncryptionKeyId", signer("EC_P256").id));
        });
    }
}
