package keystead.conformance;

import static keystead.conformance.Harness.empty;
import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Secrets of every type, their rotation, and lists of secrets by filters. */
abstract class SecretTypeChecks extends SecretLifeChecks {
    private static final String LOGIN = "{\"AccountName\":\"app\",\"AccountPassword\":\"First-Pass-1\"}";
    private static final String ONE_ACCOUNT = "{\"Accounts\":[" + LOGIN + "]}";
    private static final String TWO_ACCOUNTS =
            "{\"Accounts\":[" + LOGIN + ",{\"AccountName\":\"app_clone\",\"AccountPassword\":\"Second-Pass-2\"}]}";
    private static final String HOST_LOGIN = "{\"UserName\":\"root\",\"Password\":\"Pass-Word-1\"}";
    private static final List<String> BAD_ACCOUNTS = List.of(
            "no JSON", "{\"Accounts\":[]}", "{\"Accounts\":[{\"AccountName\":\"app\"}]}", LOGIN);

    private static String sshLogin;

    SecretTypeChecks(Harness harness, KmsClient kms, ServerFacts facts, String tag, boolean thorough) {
        super(harness, kms, facts, tag, thorough);
    }

    /** A rotating type, with a value and settings that it takes, and what it refuses. */
    private static final class SecretType {
        final String type;
        final String name;
        final String data;
        final String shown;
        final Map<String, Object> config;
        final List<String> badData;
        final List<Map<String, Object>> badConfig;

        SecretType(String type, String name, String data, String shown, Map<String, Object> config, List<String> badData,
                List<Map<String, Object>> badConfig) {
            this.type = type;
            this.name = name;
            this.data = data;
            this.shown = shown;
            this.config = config;
            this.badData = badData;
            this.badConfig = badConfig;
        }

        Map<String, Object> parameters(Object... changed) {
            return with(of("SecretName", name, "VersionId", "v1", "SecretType", type, "SecretData", data, "ExtendedConfig", config), changed);
        }

        Map<String, Object> secret() {
            return of("SecretName", name);
        }

        String whole() {
            return new Gson().toJson(with(config, "CustomData", of()));
        }
    }

    private List<SecretType> secretTypes(String suffix) throws Exception {
        Map<String, Object> rds = of("SecretSubType", "SingleUser", "DBInstanceId", "rm-bp1a2b3c4d5e6f7g8");
        Map<String, Object> host = of("SecretSubType", "Password", "RegionId", facts.region, "InstanceId", "i-bp1a2b3c4d5e6f7g8h9i");
        Map<String, Object> unknown = of("SecretSubType", "ManyUsers");
        Map<String, Object> unnamed = of("SecretSubType", null);
        String keys = sshLogin == null ? sshLogin = keyLogin() : sshLogin;
        String ecs = "acs/ecs/" + id + "/";
        return List.of(
                new SecretType("Rds", id + "/rds-one" + suffix, ONE_ACCOUNT, LOGIN, rds, BAD_ACCOUNTS,
                        List.of(unknown, unnamed, of("DBInstanceId", null))),
                new SecretType("Rds", id + "/rds-two" + suffix, TWO_ACCOUNTS, LOGIN, with(rds, "SecretSubType", "DoubleUsers"), BAD_ACCOUNTS,
                        List.of()),
                new SecretType("ECS", ecs + "password" + suffix, HOST_LOGIN, HOST_LOGIN, host, List.of("no JSON", "{\"UserName\":\"root\"}", keys),
                        List.of(unknown, unnamed, of("InstanceId", null), of("RegionId", null))),
                new SecretType("ECS", ecs + "keys" + suffix, keys, keys, with(host, "SecretSubType", "SSHKey"), List.of(HOST_LOGIN,
                        "{\"UserName\":\"root\",\"PublicKey\":\"x\",\"PrivateKey\":\"y\"}"), List.of()));
    }

    /** The login of an SSH user: an OpenSSH public key and the PEM of the private one. */
    private static String keyLogin() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair pair = generator.generateKeyPair();
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (byte[] part : List.of(
                "ssh-rsa".getBytes(StandardCharsets.US_ASCII), key.getPublicExponent().toByteArray(), key.getModulus().toByteArray())) {
            out.writeInt(part.length);
            out.write(part);
        }
        String pem = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pair.getPrivate().getEncoded());
        return new Gson().toJson(of(
                "UserName", "root",
                "PublicKey", "ssh-rsa " + encode(bytes.toByteArray()),
                "PrivateKey", "-----BEGIN PRIVATE KEY-----\n" + pem + "\n-----END PRIVATE KEY-----\n"));
    }

    private static JsonElement json(Object text) {
        return JsonParser.parseString(String.valueOf(text));
    }

    void rotatingSecrets() throws Exception {
        for (SecretType type : secretTypes("")) {
            String kind = type.type + " " + type.config.get("SecretSubType");
            if (check("CreateSecret of type " + kind, () -> {
                Map<String, Object> answer = call("CreateSecret", type.parameters());
                fields(answer, of("SecretName", type.name, "SecretType", type.type, "VersionId", "v1", "AutomaticRotation", "Disabled"));
                equal(answer.get("Arn"), arn("secret/", type.name), "Arn");
                equal(json(answer.get("ExtendedConfig")), json(type.whole()), "ExtendedConfig");
                empty(answer, "NextRotationDate", "RotationInterval");
            })) {
                rotatingSecret(kind, type);
            }
        }
        for (SecretType type : secretTypes("-bad")) {
            String kind = type.type + " " + type.config.get("SecretSubType");
            check("CreateSecret of type " + kind + " with a bad value is refused", () -> {
                for (String data : type.badData) {
                    refusedNow(400, "InvalidParameter", "CreateSecret", type.parameters("SecretData", data));
                }
                refusedNow(400, "InvalidParameter", "CreateSecret", type.parameters("SecretDataType", "binary"));
            });
            check("CreateSecret of type " + kind + " with bad settings is refused", () -> {
                for (Map<String, Object> changed : type.badConfig) {
                    Map<String, Object> config = with(type.config, changed);
                    config.values().removeIf(value -> value == null);
                    refusedNow(400, "InvalidParameter", "CreateSecret", type.parameters("ExtendedConfig", config));
                }
                Map<String, Object> eleven = of();
                for (int number = 0; number < 11; number++) {
                    eleven.put("" + number, "x");
                }
                for (Object custom : List.of(eleven, of("a", "x".repeat(1024)), "x")) {
                    refusedNow(400, "InvalidParameter", "CreateSecret", type.parameters("ExtendedConfig", with(type.config, "CustomData", custom)));
                }
                refusedNow(400, "MissingParameter", "CreateSecret", without(type.parameters(), "ExtendedConfig"));
            });
        }
        wrongTypes();
    }

    private void wrongTypes() {
        refuses("CreateSecret of an unknown type", 400, "InvalidParameter", "CreateSecret",
                of("SecretName", id + "/type", "VersionId", "v1", "SecretData", "x", "SecretType", "Oracle"));
        check("names that a type does not allow are refused", () -> {
            List<SecretType> types = secretTypes("-bad");
            refusedNow(400, "InvalidParameter", "CreateSecret", types.get(0).parameters("SecretName", "acs/" + id));
            refusedNow(400, "InvalidParameter", "CreateSecret", types.get(2).parameters("SecretName", id + "/ecs"));
        });
        check("CreateSecret with a bad rotation interval is refused", () -> {
            SecretType type = secretTypes("-bad").get(0);
            for (String interval : List.of("5h", "366d", "8761h", "7", "7w")) {
                refusedNow(400, "InvalidParameter", "CreateSecret", type.parameters("EnableAutomaticRotation", true, "RotationInterval", interval));
            }
            refusedNow(400, "MissingParameter", "CreateSecret", type.parameters("EnableAutomaticRotation", true));
        });
        accountSecrets();
        userSecrets();
    }

    /** Secrets whose logins the service draws. The server does not know their systems, so it cannot make the accounts there. */
    private void accountSecrets() {
        Map<String, Object> redis = of(
                "SecretSubType", "DoubleUsers", "RegionId", facts.region, "InstanceId", "r-bp1a2b3c4d5e6f7g8", "AccountName", "app",
                "CloneAccountName", "app_clone", "AccountPrivilege", "RoleReadWrite");
        Map<String, Object> polardb = of(
                "SecretSubType", "DoubleUsers", "RegionId", facts.region, "DBClusterId", "pc-bp1a2b3c4d5e6f7g8", "DBType", "PostgreSQL",
                "AccountName", "app", "CloneAccountName", "app_clone", "AccountType", "Normal");
        of("Redis", redis, "PolarDB", polardb).forEach((type, config) ->
                check("a secret of type " + type + " holds logins that the service drew", () -> {
                    Map<String, Object> made = call("CreateSecret", made(type, "$Auto", config, "SecretName", id + "/" + type));
                    equal(made.get("SecretType"), type, "SecretType");
                    Set<Object> passwords = new TreeSet<>();
                    for (var stage : Map.of("ACSCurrent", "app", "ACSPrevious", "app_clone").entrySet()) {
                        Map<String, Object> answer = call("GetSecretValue", of("SecretName", id + "/" + type, "VersionStage", stage.getKey()));
                        JsonObject login = json(answer.get("SecretData")).getAsJsonObject();
                        equal(login.get("AccountName").getAsString(), stage.getValue(), "AccountName");
                        passwords.add(login.get("AccountPassword").getAsString());
                    }
                    holds(passwords.size() == 2 && !passwords.contains(""), "the two passwords do not differ");
                }));
        Map<String, Map<String, Object>> wrong = new LinkedHashMap<>();
        wrong.put("Redis with a value of its own", made("Redis", LOGIN, redis));
        wrong.put("Redis with one user", made("Redis", "$Auto", with(redis, "SecretSubType", "SingleUser")));
        wrong.put("Redis without an instance", made("Redis", "$Auto", without(redis, "InstanceId")));
        wrong.put("Redis without an account", made("Redis", "$Auto", without(redis, "AccountName")));
        wrong.put("Redis of an unknown account privilege", made("Redis", "$Auto", with(redis, "AccountPrivilege", "Everything")));
        wrong.put("PolarDB with a value of its own", made("PolarDB", LOGIN, polardb));
        wrong.put("PolarDB without a database type", made("PolarDB", "$Auto", without(polardb, "DBType")));
        wrong.put("PolarDB of an unknown database type", made("PolarDB", "$Auto", with(polardb, "DBType", "Oracle")));
        wrong.put("PolarDB without its cluster", made("PolarDB", "$Auto", without(polardb, "DBClusterId")));
        wrong.put("PolarDB whose two accounts are one", made("PolarDB", "$Auto", with(polardb, "CloneAccountName", "app")));
        wrong.forEach((what, parameters) ->
                refuses("CreateSecret of type " + what, 400, "InvalidParameter", "CreateSecret", parameters));
    }

    private Map<String, Object> made(String type, String data, Object config, Object... more) {
        return with(of("SecretName", id + "/wrong", "VersionId", "v1", "SecretType", type, "SecretData", data, "ExtendedConfig", config), more);
    }

    /** The AccessKeys of RAM users. */
    private void userSecrets() {
        String user = "user-" + id;
        String keys = "{\"AccessKeys\":[{\"AccessKeyId\":\"LTAI5tFirstFirstFirstFir\",\"AccessKeySecret\":\"first\"}]}";
        Map<String, Object> good = made("RAMCredentials", keys, of("SecretSubType", "RamUserAccessKey", "UserName", user), "SecretName", "$Auto");
        check("a secret of type RAMCredentials is named by the service", () -> {
            Map<String, Object> name = of("SecretName", "acs/ram/user/" + user);
            equal(call("CreateSecret", good).get("SecretName"), name.get("SecretName"), "SecretName");
            JsonObject login = json(call("GetSecretValue", name).get("SecretData")).getAsJsonObject();
            equal(login.get("AccessKeyId").getAsString(), "LTAI5tFirstFirstFirstFir", "AccessKeyId");
            equal(login.get("AccessKeySecret").getAsString(), "first", "AccessKeySecret");
            matches(TIME, login.get("GenerateTimestamp").getAsString(), "GenerateTimestamp");
            refusedNow(409, "Rejected.ResourceExist", "CreateSecret", good);
        });
        Map<String, Map<String, Object>> wrong = new LinkedHashMap<>();
        wrong.put("without a user", of("ExtendedConfig", of("SecretSubType", "RamUserAccessKey")));
        wrong.put("of an unknown kind", of("ExtendedConfig", of("SecretSubType", "RamRole", "UserName", user)));
        wrong.put("without an AccessKey", of("SecretData", "{\"AccessKeys\":[]}"));
        wrong.put("without a secret", of("SecretData", "{\"AccessKeys\":[{\"AccessKeyId\":\"a\"}]}"));
        wrong.put("with a name of others", of("SecretName", id + "/ram"));
        wrong.forEach((what, changed) -> refuses(
                "CreateSecret of type RAMCredentials " + what, 400, "InvalidParameter", "CreateSecret", with(good, changed)));
    }

    /** Reads, updates and schedules one secret of a rotating type. */
    private void rotatingSecret(String kind, SecretType type) {
        Map<String, Object> name = type.secret();
        check("GetSecretValue of type " + kind, () -> {
            Map<String, Object> answer = call("GetSecretValue", with(name, "FetchExtendedConfig", true));
            fields(answer, of("SecretType", type.type, "SecretDataType", "text", "AutomaticRotation", "Disabled", "VersionId", "v1"));
            equal(json(answer.get("SecretData")), json(type.shown), "SecretData");
            equal(json(answer.get("ExtendedConfig")), json(type.whole()), "ExtendedConfig");
            empty(call("GetSecretValue", name), "ExtendedConfig");
            refusedNow(404, "Forbidden.ResourceNotFound", "GetSecretValue", with(name, "VersionStage", "blue"));
        });
        check("BatchGetSecretValue of type " + kind, () -> {
            Map<String, Object> answer = call("BatchGetSecretValue", of("SecretsList", List.of(with(name, "FetchExtendedConfig", "true"))));
            Map<String, Object> value = map(((List<?>) answer.get("SecretValues")).get(0));
            fields(value, of("SecretName", type.name, "SecretType", type.type, "AutomaticRotation", "Disabled"));
            equal(json(value.get("ExtendedConfig")), json(type.whole()), "ExtendedConfig");
        });
        check("DescribeSecret of type " + kind, () -> {
            Map<String, Object> answer = call("DescribeSecret", name);
            fields(answer, of("SecretType", type.type, "AutomaticRotation", "Disabled"));
            equal(json(answer.get("ExtendedConfig")), json(type.whole()), "ExtendedConfig");
        });
        check("UpdateSecret of type " + kind + " replaces CustomData", () -> {
            Map<String, Object> custom = of("team", "blue", "é", "密");
            call("UpdateSecret", with(name, "ExtendedConfig", of("CustomData", custom)));
            JsonObject seen = json(call("DescribeSecret", name).get("ExtendedConfig")).getAsJsonObject();
            equal(seen.get("CustomData"), json(new Gson().toJson(custom)), "CustomData");
            equal(seen.get("SecretSubType").getAsString(), type.config.get("SecretSubType"), "SecretSubType");
        });
        check("what only generic secrets do is refused for " + kind, () -> {
            refusedNow(400, "Rejected.UnsupportedOperation", "PutSecretValue", with(name, "VersionId", "v2", "SecretData", type.data));
            refusedNow(400, "Rejected.UnsupportedOperation", "UpdateSecretVersionStage", with(name, "VersionStage", "blue", "MoveToVersion", "v1"));
        });
        check("UpdateSecretRotationPolicy of type " + kind, () -> schedules(name));
        check("RotateSecret of type " + kind + " with a known version changes nothing", () -> {
            Map<String, Object> answer = call("RotateSecret", with(name, "VersionId", "v1"));
            fields(answer, of("SecretName", type.name, "VersionId", "v1", "Arn", arn("secret/", type.name)));
            equal(json(call("GetSecretValue", name).get("SecretData")), json(type.shown), "SecretData");
        });
    }

    private void schedules(Map<String, Object> name) throws Exception {
        String action = "UpdateSecretRotationPolicy";
        Map<String, Object> on = with(name, "EnableAutomaticRotation", true);
        Map<String, Integer> intervals = new LinkedHashMap<>();
        intervals.put("6h", 6 * 3600);
        intervals.put("7d", 7 * 86400);
        intervals.put("365d", 365 * 86400);
        intervals.put("21600s", 21600);
        for (var interval : intervals.entrySet()) {
            call(action, with(on, "RotationInterval", interval.getKey()));
            Map<String, Object> answer = call("DescribeSecret", name);
            // A secret whose system the server does not know cannot be rotated.
            Object rotation = answer.get("AutomaticRotation");
            holds("Enabled".equals(rotation) || "Invalid".equals(rotation), "AutomaticRotation is " + rotation);
            equal(answer.get("RotationInterval"), interval.getValue() + "s", "RotationInterval");
            Object next = answer.get("NextRotationDate");
            if (next != null && !next.equals("")) {
                matches(TIME, next, "NextRotationDate");
                Duration left = Duration.between(Instant.now(), Instant.parse((String) next));
                holds(left.getSeconds() < interval.getValue() + 60, "NextRotationDate is " + next);
            }
        }
        for (String interval : List.of("5h", "366d", "8761h", "7", "7w", "-7d")) {
            refusedNow(400, "InvalidParameter", action, with(on, "RotationInterval", interval));
        }
        refusedNow(400, "MissingParameter", action, on);
        call(action, with(name, "EnableAutomaticRotation", false));
        Map<String, Object> answer = call("DescribeSecret", name);
        equal(answer.get("AutomaticRotation"), "Disabled", "AutomaticRotation");
        empty(answer, "NextRotationDate");
    }

    void genericRotation() {
        Map<String, Object> name = of("SecretName", secret);
        Map<String, Object> on = of("EnableAutomaticRotation", true, "RotationInterval", "7d");
        check("the rotation of a generic secret is refused", () -> {
            refusedNow(400, "Rejected.UnsupportedOperation", "RotateSecret", with(name, "VersionId", "rotated"));
            refusedNow(400, "Rejected.UnsupportedOperation", "UpdateSecretRotationPolicy", with(name, on));
            refusedNow(400, "UnsupportedOperation", "CreateSecret", with(on, "SecretName", id + "/no", "VersionId", "v1", "SecretData", "x"));
        });
        check("the rotation of nothing is refused", () -> {
            Map<String, Object> none = of("SecretName", id + "/none");
            refusedNow(404, "Forbidden.ResourceNotFound", "RotateSecret", with(none, "VersionId", "v2"));
            refusedNow(404, "Forbidden.ResourceNotFound", "UpdateSecretRotationPolicy", with(none, on));
            refusedNow(400, "MissingVersionId", "RotateSecret", name);
            refusedNow(400, "MissingEnableAutomaticRotation", "UpdateSecretRotationPolicy", name);
            refusedNow(400, "MissingSecretName", "RotateSecret", of("VersionId", "v2"));
        });
    }

    /** Narrows every list by a tag of its own. */
    void secretFilters() {
        String label = id + "/filter";
        String one = id + "/filter-one";
        String two = id + "/filter-two";
        String[] rds = {null};
        if (!check("CreateSecret for filters", () -> {
            newSecret("filter-one", "Tags", asTags(label, "one"), "Description", "for the shop of " + id);
            newSecret("filter-two", "Tags", asTags(label, "two"));
            SecretType type = secretTypes("-filter").get(0);
            call("CreateSecret", type.parameters("Tags", asTags(label, "three")));
            rds[0] = type.name;
        })) {
            return;
        }
        Object[][] rows = {
            {"TagKey", List.of(), Set.of(one, two, rds[0])},
            {"TagValue", List.of(List.of("TagValue", "one", "three")), Set.of(one, rds[0])},
            {"part of the SecretName", List.of(List.of("SecretName", "filter-")), Set.of(one, two)},
            {"part of the Description", List.of(List.of("Description", "the shop")), Set.of(one)},
            {"SecretType", List.of(List.of("SecretType", "Generic")), Set.of(one, two)},
            {"SecretType in upper case", List.of(List.of("SecretType", "RDS")), Set.of(rds[0])},
            {"DKMSInstanceId", List.of(List.of("DKMSInstanceId", "kst-hzz62d8f5e0sgtx8habcd")), Set.of()},
            {"Creator", List.of(List.of("Creator", facts.account)), Set.of(one, two, rds[0])},
            {"two keys that must both match", List.of(List.of("SecretType", "Generic"), List.of("TagValue", "two")), Set.of(two)},
            {"one key given twice, which ORs", List.of(List.of("TagValue", "one"), List.of("TagValue", "two")), Set.of(one, two)},
        };
        for (Object[] row : rows) {
            check("ListSecrets by " + row[0], () -> {
                @SuppressWarnings("unchecked")
                List<List<String>> pairs = new ArrayList<>((List<List<String>>) row[1]);
                pairs.add(List.of("TagKey", label));
                Map<String, Object> answer = call("ListSecrets", of("Filters", filters(pairs.toArray(List[]::new))));
                Set<Object> seen = list(answer, "SecretList", "Secret").stream()
                        .map(entry -> entry.get("SecretName"))
                        .collect(Collectors.toCollection(TreeSet::new));
                equal(seen, new TreeSet<>((Set<?>) row[2]), "secrets");
                equal(answer.get("TotalCount"), seen.size(), "TotalCount");
            });
        }
        check("ListSecrets by bad filters is refused", () -> {
            for (String text : List.of("no JSON", filters(List.of("Colour", "blue")), "{\"Key\":\"SecretName\",\"Values\":[\"x\"]}")) {
                refusedNow(400, "InvalidParameter", "ListSecrets", of("Filters", text));
            }
        });
    }
}
