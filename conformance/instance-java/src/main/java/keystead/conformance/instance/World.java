package keystead.conformance.instance;

import com.aliyun.kms20160120.Client;
import com.aliyun.kms20160120.models.CreateAliasRequest;
import com.aliyun.kms20160120.models.CreateApplicationAccessPointRequest;
import com.aliyun.kms20160120.models.CreateClientKeyRequest;
import com.aliyun.kms20160120.models.CreateClientKeyResponseBody;
import com.aliyun.kms20160120.models.CreateKeyRequest;
import com.aliyun.kms20160120.models.CreateNetworkRuleRequest;
import com.aliyun.kms20160120.models.CreatePolicyRequest;
import com.aliyun.kms20160120.models.CreateSecretRequest;
import com.aliyun.kms20160120.models.DeleteClientKeyRequest;
import com.aliyun.teaopenapi.models.Config;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the checks work on: keys, a secret, access points and client keys of an instance, made through the OpenAPI. */
final class World {
    static final String PASSWORD = "Instance-Checks_2026";
    static final String SECRET = "instance-checks";
    private static final String KEY_USER = "RbacPermission/Template/CryptoServiceKeyUser";
    private static final String SECRET_USER = "RbacPermission/Template/CryptoServiceSecretUser";

    final String instance;
    final String host;
    final String ca;
    final String sharedCa;
    final Client shared;
    final Client dedicated;
    String aes;
    String hidden;
    String rsaCipher;
    String rsaSigner;
    String ecSigner;
    String clientKey;
    String narrow;
    String elsewhere;

    World(Path readyFile) throws Exception {
        JsonObject ready = new Gson().fromJson(Files.readString(readyFile), JsonObject.class);
        JsonObject endpoints = ready.getAsJsonObject("endpoints");
        JsonObject instances = endpoints.getAsJsonObject("dedicated");
        Harness.equal(instances.size(), 1, "number of instances in the ready file");
        instance = instances.keySet().iterator().next();
        JsonObject address = instances.getAsJsonObject(instance);
        host = address.get("host").getAsString();
        ca = Files.readString(Path.of(address.get("ca_file").getAsString()));
        sharedCa = Files.readString(Path.of(ready.get("ca_file").getAsString()));
        String region = ready.get("region").getAsString();
        shared = client(region, endpoints.getAsJsonObject("shared").get("https").getAsString(), sharedCa);
        dedicated = client(region, host, ca);
    }

    private static Client client(String region, String endpoint, String ca) throws Exception {
        String id = System.getenv("KEYSTEAD_ROOT_ACCESS_KEY_ID");
        String secret = System.getenv("KEYSTEAD_ROOT_ACCESS_KEY_SECRET");
        if (id == null) {
            String ini = Files.readString(Path.of(System.getenv("ALIBABA_CLOUD_CREDENTIALS_FILE")));
            id = field(ini, "access_key_id");
            secret = field(ini, "access_key_secret");
        }
        Config config =
                new Config()
                        .setEndpoint(endpoint)
                        .setRegionId(region)
                        .setProtocol("HTTPS")
                        .setCa(ca)
                        .setReadTimeout(60000)
                        .setAccessKeyId(id)
                        .setAccessKeySecret(secret);
        return new Client(config);
    }

    private static String field(String ini, String name) {
        Matcher found = Pattern.compile("(?m)^" + name + "\\s*=\\s*(\\S+)").matcher(ini);
        Harness.holds(found.find(), "the credentials have no " + name);
        return found.group(1);
    }

    void fill() throws Exception {
        aes = key("Aliyun_AES_256", "ENCRYPT/DECRYPT");
        hidden = key("Aliyun_AES_256", "ENCRYPT/DECRYPT");
        rsaCipher = key("RSA_2048", "ENCRYPT/DECRYPT");
        rsaSigner = key("RSA_2048", "SIGN/VERIFY");
        ecSigner = key("EC_P256", "SIGN/VERIFY");
        shared.createAlias(new CreateAliasRequest().setKeyId(aes).setAliasName("alias/instance-checks"));
        shared.createSecret(
                new CreateSecretRequest()
                        .setSecretName(SECRET)
                        .setSecretData("value one é")
                        .setVersionId("v1")
                        .setDKMSInstanceId(instance)
                        .setEncryptionKeyId(key("Aliyun_AES_256", "ENCRYPT/DECRYPT")));
        for (Map.Entry<String, String> rule : Map.of("loopback", "127.0.0.0/8", "elsewhere", "192.0.2.0/24").entrySet()) {
            shared.createNetworkRule(
                    new CreateNetworkRuleRequest()
                            .setName(rule.getKey())
                            .setType("Private")
                            .setSourcePrivateIp(list(rule.getValue())));
        }
        clientKey = accessPoint("all", list(KEY_USER, SECRET_USER), list("key/*", "secret/*"), "loopback");
        narrow = accessPoint("narrow", list(KEY_USER), list("key/" + aes), "loopback");
        elsewhere = accessPoint("elsewhere", list(KEY_USER), list("key/*"), "elsewhere");
    }

    String key(String spec, String usage) throws Exception {
        CreateKeyRequest request =
                new CreateKeyRequest().setKeySpec(spec).setKeyUsage(usage).setDKMSInstanceId(instance);
        return shared.createKey(request).getBody().getKeyMetadata().getKeyId();
    }

    /** Makes a policy, an access point with it alone, and a client key's file for it. */
    private String accessPoint(String name, String permissions, String resources, String rule) throws Exception {
        shared.createPolicy(
                new CreatePolicyRequest()
                        .setName(name)
                        .setKmsInstance(instance)
                        .setPermissions(permissions)
                        .setResources(resources)
                        .setAccessControlRules("{\"NetworkRules\":" + list(rule) + "}"));
        shared.createApplicationAccessPoint(
                new CreateApplicationAccessPointRequest().setName(name).setPolicies(list(name)));
        return newClientKey(name);
    }

    String newClientKey(String accessPoint) throws Exception {
        CreateClientKeyResponseBody made =
                shared.createClientKey(new CreateClientKeyRequest().setAapName(accessPoint).setPassword(PASSWORD)).getBody();
        return new Gson().toJson(Map.of("KeyId", made.getClientKeyId(), "PrivateKeyData", made.getPrivateKeyData()));
    }

    void deleteClientKey(String file) throws Exception {
        String id = new Gson().fromJson(file, JsonObject.class).get("KeyId").getAsString();
        shared.deleteClientKey(new DeleteClientKeyRequest().setClientKeyId(id));
    }

    private static String list(String... values) {
        return new Gson().toJson(values);
    }
}
