package keystead.conformance.instance;

import static keystead.conformance.instance.Harness.holds;
import static keystead.conformance.instance.Harness.refused;
import static keystead.conformance.instance.InstanceChecks.MISSING;
import static keystead.conformance.instance.InstanceChecks.TEXT;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** What an instance refuses: by key, by policy, by address, by client key, and what the client refuses. */
final class RefusalChecks {
    private final Harness harness;
    private final World world;
    private final Instance instance;
    private final Path readyFile;

    RefusalChecks(Harness harness, World world, Instance instance, Path readyFile) {
        this.harness = harness;
        this.world = world;
        this.instance = instance;
        this.readyFile = readyFile;
    }

    void run() {
        check("unknown keys and missing parameters", this::unknown);
        check("resources of the policy", this::resources);
        check("network rules", this::networkRules);
        check("a deleted client key", this::deletedClientKey);
        check("a wrong password", this::wrongPassword);
        check("another private key", this::anotherKey);
        check("a wrong authority", this::wrongAuthority);
    }

    private void check(String name, Harness.Check check) {
        harness.check("instance: " + name, check);
    }

    private void unknown() throws Exception {
        for (String key : new String[] {"key-hzz00000000aaaaaaaaaa", "alias/none"}) {
            refused(404, "Forbidden.KeyNotFound", () -> instance.call("encrypt", "keyId", key, "plaintext", TEXT));
        }
        refused(400, MISSING, () -> instance.call("encrypt", "plaintext", TEXT));
    }

    private void resources() throws Exception {
        Instance narrow = Instance.of(world, world.narrow, World.PASSWORD);
        narrow.call("encrypt", "keyId", world.aes, "plaintext", TEXT);
        String denied = "Forbidden.NoPermission";
        refused(403, denied, () -> narrow.call("encrypt", "keyId", world.hidden, "plaintext", TEXT));
        refused(403, denied, () -> narrow.call("getSecretValue", "secretName", World.SECRET));
    }

    /** Each operation with what would be good from another address. */
    private void networkRules() throws Exception {
        Instance elsewhere = Instance.of(world, world.elsewhere, World.PASSWORD);
        Map<String, Object> plain = instance.call("encrypt", "keyId", world.aes, "plaintext", TEXT);
        Object sealed = instance.call("advanceEncrypt", "keyId", world.aes, "plaintext", TEXT).get("ciphertextBlob");
        Object[] text = {"keyId", world.aes, "plaintext", TEXT};
        Object[] bytes = {"keyId", world.aes, "numberOfBytes", 32};
        Object[] pair = {"keyId", world.aes, "keyPairSpec", "EC_P256"};
        Object[] signed = {"keyId", world.ecSigner, "algorithm", "ECDSA_SHA_256", "message", TEXT, "signature", TEXT};
        Map<String, Object[]> calls = new LinkedHashMap<>();
        calls.put("encrypt", text);
        calls.put("decrypt", new Object[] {"keyId", world.aes, "ciphertextBlob", plain.get("ciphertextBlob"), "iv", plain.get("iv")});
        calls.put("advanceEncrypt", text);
        calls.put("advanceDecrypt", new Object[] {"ciphertextBlob", sealed});
        calls.put("generateDataKey", bytes);
        calls.put("advanceGenerateDataKey", bytes);
        calls.put("generateDataKeyPair", pair);
        calls.put("generateDataKeyPairWithoutPlaintext", pair);
        calls.put("advanceGenerateDataKeyPair", pair);
        calls.put("advanceGenerateDataKeyPairWithoutPlaintext", pair);
        calls.put("sign", Arrays.copyOf(signed, 6));
        calls.put("verify", signed);
        calls.put("getPublicKey", new Object[] {"keyId", world.ecSigner});
        calls.put("getSecretValue", new Object[] {"secretName", World.SECRET});
        calls.put("generateRandom", new Object[] {"length", 8});
        for (Map.Entry<String, Object[]> call : calls.entrySet()) {
            refused(403, "Forbidden.NoPermission", () -> elsewhere.call(call.getKey(), call.getValue()));
        }
    }

    private void deletedClientKey() throws Exception {
        String file = world.newClientKey("narrow");
        Instance narrow = Instance.of(world, file, World.PASSWORD);
        narrow.call("generateRandom", "length", 8);
        world.deleteClientKey(file);
        refused(404, "Unauthorized", () -> narrow.call("generateRandom", "length", 8));
    }

    private void wrongPassword() {
        try {
            Instance.of(world, world.clientKey, "Wrong-Pass_1234");
        } catch (Exception whateverTheSdkMakesOfIt) {
            return;
        }
        throw new AssertionError("the client key opens with a wrong password");
    }

    private void anotherKey() throws Exception {
        String id = world.clientKey.replaceAll(".*\"KeyId\":\"([^\"]+)\".*", "$1");
        Instance other = foreign(world, id, world.ca);
        refused(401, "SignatureNotMatch", () -> other.call("generateRandom", "length", 8));
        Instance unknown = foreign(world, "KAAP.none", world.ca);
        refused(404, "Unauthorized", () -> unknown.call("generateRandom", "length", 8));
    }

    /** A client with an id and a private key that the server has not given. */
    private static Instance foreign(World world, String id, String ca) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        byte[] der = generator.generateKeyPair().getPrivate().getEncoded();
        // The SDK takes the bare Base64.
        String text = Base64.getEncoder().encodeToString(der);
        return new Instance(Instance.config(world, ca).setAccessKeyId(id).setPrivateKey(text));
    }

    static void callUnderWrongAuthority(World world) throws Exception {
        foreign(world, "KAAP.none", world.sharedCa).call("generateRandom", "length", 8);
    }

    private void wrongAuthority() throws Exception {
        ProcessBuilder program =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        readyFile.toString(),
                        Main.WRONG_AUTHORITY);
        Process process = program.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        boolean refused = process.waitFor() != 0 && output.contains("PKIX path");
        holds(refused, "another authority: " + output);
    }
}
