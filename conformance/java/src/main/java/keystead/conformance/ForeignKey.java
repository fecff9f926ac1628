package keystead.conformance;

import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.crypto.digests.SM3Digest;
import org.bouncycastle.crypto.engines.SM2Engine;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.SM2Signer;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** A public key of the service in other hands: the Java runtime's for RSA and P-256, BouncyCastle's for SM2 and secp256k1. */
final class ForeignKey {
    static final BouncyCastleProvider BOUNCY_CASTLE = new BouncyCastleProvider();
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PUBLIC KEY-----\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/=]{1,64}\n)-----END PUBLIC KEY-----\n");
    private static final byte[] DEFAULT_USER = "1234567812345678".getBytes(StandardCharsets.US_ASCII);

    final PublicKey key;
    private final ECPublicKeyParameters sm2;

    ForeignKey(String spec, byte[] der) throws Exception {
        sm2 = spec.equals("EC_SM2") ? (ECPublicKeyParameters) PublicKeyFactory.createKey(der) : null;
        X509EncodedKeySpec encoded = new X509EncodedKeySpec(der);
        if (spec.startsWith("RSA")) {
            key = KeyFactory.getInstance("RSA").generatePublic(encoded);
            equal(((RSAPublicKey) key).getModulus().bitLength(), Integer.parseInt(spec.substring(4)), "bits of the key");
        } else if (spec.equals("EC_P256")) {
            key = KeyFactory.getInstance("EC").generatePublic(encoded);
            equal(((ECPublicKey) key).getParams().getCurve().getA().mod(prime(key)), prime(key).subtract(BigInteger.valueOf(3)), "a of P-256");
        } else {
            key = KeyFactory.getInstance("EC", BOUNCY_CASTLE).generatePublic(encoded);
            if (spec.equals("EC_P256K")) {
                equal(((ECPublicKey) key).getParams().getCurve().getA().signum(), 0, "a of secp256k1");
            }
        }
    }

    private static BigInteger prime(PublicKey key) {
        return ((java.security.spec.ECFieldFp) ((ECPublicKey) key).getParams().getCurve().getField()).getP();
    }

    /** Wants the PEM of a public key exactly as OpenSSL writes it: lines of 64 characters, and a newline at its end. */
    static byte[] der(Object pem) {
        var found = PEM.matcher(String.valueOf(pem));
        holds(found.matches(), "no PEM of one public key: " + pem);
        return Base64.getMimeDecoder().decode(found.group(1));
    }

    /** What AsymmetricSign wants for a message: its SHA-256, or for SM2 its SM3 after Z of the default user. */
    byte[] digest(byte[] message) throws Exception {
        if (sm2 == null) {
            return java.security.MessageDigest.getInstance("SHA-256").digest(message);
        }
        var curve = sm2.getParameters();
        var base = curve.getG().normalize();
        var point = sm2.getQ().normalize();
        byte[] z = sm3(
                new byte[] {0, (byte) (DEFAULT_USER.length * 8)},
                DEFAULT_USER,
                curve.getCurve().getA().getEncoded(),
                curve.getCurve().getB().getEncoded(),
                base.getAffineXCoord().getEncoded(),
                base.getAffineYCoord().getEncoded(),
                point.getAffineXCoord().getEncoded(),
                point.getAffineYCoord().getEncoded());
        return sm3(z, message);
    }

    private static byte[] sm3(byte[]... parts) {
        SM3Digest digest = new SM3Digest();
        for (byte[] part : parts) {
            digest.update(part, 0, part.length);
        }
        byte[] result = new byte[32];
        digest.doFinal(result, 0);
        return result;
    }

    /** Checks a signature over the message itself, so that its digest is computed here a second time. */
    boolean verifies(String algorithm, byte[] message, byte[] value) throws Exception {
        if (sm2 != null) {
            SM2Signer signer = new SM2Signer();
            signer.init(false, sm2);
            signer.update(message, 0, message.length);
            return signer.verifySignature(value);
        }
        Signature signature;
        if (algorithm.equals("RSA_PSS_SHA_256")) {
            signature = Signature.getInstance("RSASSA-PSS");
            signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        } else if (algorithm.equals("RSA_PKCS1_SHA_256")) {
            signature = Signature.getInstance("SHA256withRSA");
        } else {
            signature = Signature.getInstance("SHA256withECDSA", BOUNCY_CASTLE);
        }
        signature.initVerify(signature.getProvider() == BOUNCY_CASTLE
                ? KeyFactory.getInstance("EC", BOUNCY_CASTLE).generatePublic(new X509EncodedKeySpec(key.getEncoded()))
                : key);
        signature.update(message);
        return signature.verify(value);
    }

    /** Seals for the owner of the key, as AsymmetricDecrypt, ImportKeyMaterial and the like want it. */
    byte[] encrypt(String algorithm, byte[] plain) throws Exception {
        if (sm2 != null) {
            return sm2Der(sm2Raw(plain));
        }
        Cipher cipher = cipher(algorithm);
        cipher.init(Cipher.ENCRYPT_MODE, key, oaep(algorithm));
        return cipher.doFinal(plain);
    }

    /** An SM2 ciphertext as C1, C3, C2 in a row, which is the other form in use. */
    byte[] sm2Raw(byte[] plain) throws Exception {
        SM2Engine engine = new SM2Engine(SM2Engine.Mode.C1C3C2);
        engine.init(true, new ParametersWithRandom(sm2, new SecureRandom()));
        return engine.processBlock(plain, 0, plain.length);
    }

    /** The same as the DER sequence of GM/T 0009. */
    private static byte[] sm2Der(byte[] raw) throws Exception {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(new ASN1Integer(new BigInteger(1, Arrays.copyOfRange(raw, 1, 33))));
        parts.add(new ASN1Integer(new BigInteger(1, Arrays.copyOfRange(raw, 33, 65))));
        parts.add(new DEROctetString(Arrays.copyOfRange(raw, 65, 97)));
        parts.add(new DEROctetString(Arrays.copyOfRange(raw, 97, raw.length)));
        return new DERSequence(parts).getEncoded();
    }

    static Cipher cipher(String algorithm) throws Exception {
        return Cipher.getInstance(algorithm.equals("RSAES_PKCS1_V1_5") ? "RSA/ECB/PKCS1Padding" : "RSA/ECB/OAEPPadding");
    }

    static OAEPParameterSpec oaep(String algorithm) {
        switch (algorithm) {
            case "RSAES_PKCS1_V1_5":
                return null;
            case "RSAES_OAEP_SHA_1":
                return new OAEPParameterSpec("SHA-1", "MGF1", MGF1ParameterSpec.SHA1, PSource.PSpecified.DEFAULT);
            default:
                return new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
        }
    }
}
