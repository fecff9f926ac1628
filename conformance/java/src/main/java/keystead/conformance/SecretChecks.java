package keystead.conformance;

import static keystead.conformance.Harness.empty;
import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;

import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Secrets, their versions and their lists. */
abstract class SecretChecks extends CryptoChecks {
    SecretChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag) {
        super(harness, kms, facts, tag);
    }

    void secrets() {
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
    void valueIs(String name, String version, String data, Map<String, Object> how, String... stages) throws Exception {
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

    static TreeSet<Object> stages(Map<String, Object> answer) {
        return new TreeSet<>((List<?>) map(answer.get("VersionStages")).get("VersionStage"));
    }

    static List<String> tags(Map<String, Object> answer) {
        if (answer.get("Tags") == null) {
            return List.of();
        }
        return list(answer, "Tags", "Tag").stream()
                .map(entry -> entry.get("TagKey") + "=" + entry.get("TagValue"))
                .sorted()
                .collect(Collectors.toList());
    }

    void secretVersions() {
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

    void put(String version, String data, Map<String, Object> more, String... stages) throws Exception {
        Map<String, Object> answer = call("PutSecretValue", with(more, "SecretName", secret, "VersionId", version, "SecretData", data));
        fields(answer, of("SecretName", secret, "VersionId", version));
        equal(stages(answer), new TreeSet<>(List.of(stages)), "VersionStages");
    }

    void secretLists() {
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

    List<Map<String, Object>> filtered(Map<String, Object> filters, String... expected) throws Exception {
        List<Object> pairs = new ArrayList<>();
        filters.forEach((name, values) -> pairs.add(of("Key", name, "Values", values)));
        Map<String, Object> answer = call("ListSecrets", of("Filters", new Gson().toJson(pairs), "FetchTags", "true"));
        List<Map<String, Object>> entries = list(answer, "SecretList", "Secret");
        equal(entries.stream().map(entry -> entry.get("SecretName")).sorted().collect(Collectors.toList()), List.of(expected), "SecretNames");
        equal(answer.get("TotalCount"), expected.length, "TotalCount");
        return entries;
    }

    void secretSizes() {
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
}
