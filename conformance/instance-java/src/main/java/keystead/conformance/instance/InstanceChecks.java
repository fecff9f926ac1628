package keystead.conformance.instance;

import static keystead.conformance.instance.Harness.equal;
import static keystead.conformance.instance.Harness.holds;
import static keystead.conformance.instance.Harness.refused;
import static keystead.conformance.instance.Instance.version;

import com.aliyun.dkms.gcs.sdk.Client;
import com.aliyun.kms20160120.models.CreateKeyVersionRequest;
import com.aliyun.kms20160120.models.DecryptRequest;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;

/** Every call of the instance SDK, alibabacloud-dkms-gcs-sdk, good and bad. */
final class InstanceChecks {
    static final byte[] TEXT = "hello instance gateway, grüße".getBytes(StandardCharsets.UTF_8);
    static final String MISSING = "MissingParameter|InvalidParameter";

    private final Harness harness;
    private final World world;
    private final Path readyFile;
    private Instance instance;

    InstanceChecks(Harness harness, World world, Path readyFile) {
        this.harness = harness;
        this.world = world;
        this.readyFile = readyFile;
    }

    void run() {
        boolean opens =
                harness.check(
                        "instance: the client key opens",
                        () -> instance = Instance.of(world, world.clientKey, World.PASSWORD));
        if (!opens) {
            return;
        }
        check("encrypt and decrypt", this::encryptAndDecrypt);
        check("advance encrypt and decrypt", this::advance);
        check("versions after a rotation", this::rotation);
        check("what KMS decrypts through the OpenAPI", this::openApi);
        check("data keys", this::dataKeys);
        check("data key pairs", this::dataKeyPairs);
        check("signatures", this::signatures);
        check("ciphertexts of RSA", this::rsaCiphertexts);
        check("random bytes", this::randomBytes);
        check("secrets", this::secrets);
        new RefusalChecks(harness, world, instance, readyFile).run();
        check("every operation was answered and refused", this::everyOperation);
    }

    private void check(String name, Harness.Check check) {
        harness.check("instance: " + name, check);
    }

    private static byte[] changed(Object bytes) {
        byte[] other = ((byte[]) bytes).clone();
        other[other.length - 1] ^= 1;
        return other;
    }

    private void encryptAndDecrypt() throws Exception {
        byte[] aad = {1, 2, 3};
        Map<String, Object> sealed = instance.call("encrypt", "keyId", world.aes, "plaintext", TEXT, "aad", aad);
        equal(sealed.get("keyId"), world.aes, "key");
        equal(((byte[]) sealed.get("iv")).length, 12, "length of the IV");
        Object[] good = {"keyId", world.aes, "ciphertextBlob", sealed.get("ciphertextBlob"), "iv", sealed.get("iv"), "aad", aad};
        equal(instance.call("decrypt", good).get("plaintext"), TEXT, "plaintext");
        equal(version(instance.call("decrypt", good)), version(sealed), "key version");
        Object[] spoiled = {world.hidden, changed(sealed.get("ciphertextBlob")), changed(sealed.get("iv")), changed(aad)};
        for (int i = 0; i < spoiled.length; i++) {
            Object[] bad = good.clone();
            bad[2 * i + 1] = spoiled[i];
            refused(400, "InvalidParameter", () -> instance.call("decrypt", bad));
        }
        Object[] byVersion = good.clone();
        byVersion[0] = "requestHeaders";
        byVersion[1] = Map.of(Instance.VERSION_HEADER, version(sealed));
        equal(instance.call("decrypt", byVersion).get("plaintext"), TEXT, "plaintext by the version alone");
    }

    private void advance() throws Exception {
        Map<String, Object> sealed =
                instance.call("advanceEncrypt", "keyId", "alias/instance-checks", "plaintext", TEXT);
        byte[] blob = (byte[]) sealed.get("ciphertextBlob");
        equal(Arrays.copyOf(blob, 3), new byte[] {0x24, 0, 2}, "head");
        equal(new String(blob, 3, 36, StandardCharsets.US_ASCII), sealed.get("keyVersionId"), "version in the blob");
        Map<String, Object> opened = instance.call("advanceDecrypt", "ciphertextBlob", blob);
        equal(opened.get("plaintext"), TEXT, "plaintext");
        equal(opened.get("keyId"), world.aes, "key of the alias");
        refused(400, "InvalidParameter", () -> instance.call("advanceDecrypt", "ciphertextBlob", changed(blob)));
        refused(
                400,
                "InvalidParameter",
                () -> instance.call("advanceDecrypt", "ciphertextBlob", blob, "aad", new byte[] {1}));
    }

    private void rotation() throws Exception {
        String key = world.key("Aliyun_AES_256", "ENCRYPT/DECRYPT");
        Map<String, Object> before = instance.call("advanceEncrypt", "keyId", key, "plaintext", TEXT);
        world.shared.createKeyVersion(new CreateKeyVersionRequest().setKeyId(key));
        Map<String, Object> after = instance.call("advanceEncrypt", "keyId", key, "plaintext", TEXT);
        Map<String, Object> plain = instance.call("encrypt", "keyId", key, "plaintext", TEXT);
        holds(!before.get("keyVersionId").equals(after.get("keyVersionId")), "the primary version is the initial one");
        equal(version(plain), before.get("keyVersionId"), "version of the plain form");
        Map<String, Object> opened =
                instance.call(
                        "advanceDecrypt",
                        "ciphertextBlob", plain.get("ciphertextBlob"),
                        "keyId", key,
                        "iv", plain.get("iv"),
                        "algorithm", "AES_GCM");
        equal(opened.get("plaintext"), TEXT, "plaintext");
    }

    private void openApi() throws Exception {
        Map<String, Object> sealed = instance.call("advanceEncrypt", "keyId", world.aes, "plaintext", TEXT);
        byte[] blob = (byte[]) sealed.get("ciphertextBlob");
        String classic = Base64.getEncoder().encodeToString(Arrays.copyOfRange(blob, 3, blob.length));
        String opened =
                world.dedicated.decrypt(new DecryptRequest().setCiphertextBlob(classic)).getBody().getPlaintext();
        equal(opened, new String(TEXT, StandardCharsets.UTF_8), "plaintext");
    }

    private void dataKeys() throws Exception {
        Map<String, Object> made = instance.call("generateDataKey", "keyId", world.aes, "numberOfBytes", 48);
        Map<String, Object> opened =
                instance.call(
                        "decrypt", "keyId", world.aes, "ciphertextBlob", made.get("ciphertextBlob"), "iv", made.get("iv"));
        equal(opened.get("plaintext"), made.get("plaintext"), "data key");
        equal(((byte[]) made.get("plaintext")).length, 48, "length");
        Map<String, Object> advance = instance.call("advanceGenerateDataKey", "keyId", world.aes, "numberOfBytes", 32);
        equal(
                instance.call("advanceDecrypt", "ciphertextBlob", advance.get("ciphertextBlob")).get("plaintext"),
                advance.get("plaintext"),
                "data key of the advance form");
        refused(
                400,
                "InvalidParameter",
                () -> instance.call("generateDataKey", "keyId", world.aes, "numberOfBytes", 1025));
    }

    private void dataKeyPairs() throws Exception {
        for (String form : new String[] {"generateDataKeyPair", "advanceGenerateDataKeyPair"}) {
            Object[] fields = {"keyId", world.aes, "keyPairSpec", "EC_P256", "keyFormat", "DER"};
            Map<String, Object> made = instance.call(form, fields);
            belong(made.get("privateKeyPlaintext"), made.get("publicKey"));
            Map<String, Object> sealed = instance.call(form + "WithoutPlaintext", fields);
            Object blob = sealed.get("privateKeyCiphertextBlob");
            Map<String, Object> opened =
                    form.startsWith("advance")
                            ? instance.call("advanceDecrypt", "ciphertextBlob", blob)
                            : instance.call("decrypt", "keyId", world.aes, "ciphertextBlob", blob, "iv", sealed.get("iv"));
            belong(opened.get("plaintext"), sealed.get("publicKey"));
        }
    }

    /** Says that the halves of a key pair belong together. */
    private static void belong(Object privateDer, Object publicDer) throws Exception {
        KeyFactory factory = KeyFactory.getInstance("EC");
        PrivateKey privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec((byte[]) privateDer));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(privateKey);
        signature.update(TEXT);
        byte[] made = signature.sign();
        signature.initVerify(factory.generatePublic(new X509EncodedKeySpec((byte[]) publicDer)));
        signature.update(TEXT);
        holds(signature.verify(made), "the two halves do not belong together");
    }

    private PublicKey publicKey(String key, String kind) throws Exception {
        Map<String, Object> answer = instance.call("getPublicKey", "keyId", key);
        holds(version(answer) != null, "no key version in the header");
        String body = ((String) answer.get("publicKey")).replaceAll("-----[A-Z ]+-----|\\s", "");
        return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(body)));
    }

    private void signatures() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(TEXT);
        String[][] forms = {
            {world.rsaSigner, "RSA_PKCS1_SHA_256", "RSA", "SHA256withRSA"},
            {world.ecSigner, "ECDSA_SHA_256", "EC", "SHA256withECDSA"},
        };
        for (String[] form : forms) {
            Signature local = Signature.getInstance(form[3]);
            for (String kind : new String[] {"RAW", "DIGEST"}) {
                byte[] message = kind.equals("RAW") ? TEXT : digest;
                Object[] fields = {"keyId", form[0], "algorithm", form[1], "messageType", kind, "message", message};
                byte[] made = (byte[]) instance.call("sign", fields).get("signature");
                local.initVerify(publicKey(form[0], form[2]));
                local.update(TEXT);
                holds(local.verify(made), form[1] + ": the signature is wrong");
                Object[] asked = Arrays.copyOf(fields, fields.length + 2);
                asked[fields.length] = "signature";
                asked[fields.length + 1] = made;
                equal(instance.call("verify", asked).get("value"), true, "Value of a right signature");
                asked[7] = changed(message);
                equal(instance.call("verify", asked).get("value"), false, "Value of a wrong signature");
            }
        }
    }

    private void rsaCiphertexts() throws Exception {
        String algorithm = "RSAES_OAEP_SHA_256";
        Map<String, Object> sealed =
                instance.call("encrypt", "keyId", world.rsaCipher, "plaintext", TEXT, "algorithm", algorithm);
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        OAEPParameterSpec oaep =
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
        cipher.init(Cipher.ENCRYPT_MODE, publicKey(world.rsaCipher, "RSA"), oaep);
        for (Object blob : new Object[] {sealed.get("ciphertextBlob"), cipher.doFinal(TEXT)}) {
            Map<String, Object> opened =
                    instance.call("decrypt", "keyId", world.rsaCipher, "ciphertextBlob", blob, "algorithm", algorithm);
            equal(opened.get("plaintext"), TEXT, "plaintext");
        }
        refused(
                404,
                "Forbidden.OnlySymmetricKeySupported",
                () -> instance.call("advanceEncrypt", "keyId", world.rsaCipher, "plaintext", TEXT));
    }

    private void randomBytes() throws Exception {
        equal(((byte[]) instance.call("generateRandom", "length", 1024).get("random")).length, 1024, "length");
        refused(400, "InvalidParameter", () -> instance.call("generateRandom", "length", 1025));
        // An empty body, which this SDK sends in chunks and without a length.
        refused(400, MISSING, () -> instance.call("generateRandom"));
    }

    private void secrets() throws Exception {
        Map<String, Object> answer = instance.call("getSecretValue", "secretName", World.SECRET);
        equal(answer.get("secretData"), "value one é", "value");
        equal(answer.get("versionId"), "v1", "version");
        refused(404, "Forbidden.ResourceNotFound", () -> instance.call("getSecretValue", "secretName", "none"));
    }

    private void everyOperation() {
        String ending = "WithOptions";
        Set<String> offered = new TreeSet<>();
        for (Method method : Client.class.getDeclaredMethods()) {
            if (method.getName().endsWith(ending)) {
                offered.add(method.getName().substring(0, method.getName().length() - ending.length()));
            }
        }
        equal(offered.size(), 15, "number of operations");
        equal(Instance.ANSWERED, offered, "what was answered");
        equal(Instance.REFUSED, offered, "what was refused");
    }
}
