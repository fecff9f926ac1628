package keystead.conformance;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Cipher;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.crypto.engines.SM2Engine;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.util.Arrays;
import org.bouncycastle.util.BigIntegers;

/** A key pair of the caller, under which data keys are exported. */
final class WrapKey {
    final String spec;
    private final KeyPair pair;

    WrapKey(String spec, int bits) throws Exception {
        this.spec = spec;
        if (spec.equals("EC_SM2")) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", ForeignKey.BOUNCY_CASTLE);
            generator.initialize(new ECGenParameterSpec("sm2p256v1"));
            pair = generator.generateKeyPair();
        } else {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            pair = generator.generateKeyPair();
        }
    }

    /** The public half as PublicKeyBlob wants it. */
    String blob() {
        return Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
    }

    /** The three parameters that ask for an export under this key. */
    Map<String, Object> under(String algorithm) {
        return Checks.of("PublicKeyBlob", blob(), "WrappingKeySpec", spec, "WrappingAlgorithm", algorithm);
    }

    byte[] open(String algorithm, byte[] sealed) throws Exception {
        if (!spec.equals("EC_SM2")) {
            Cipher cipher = ForeignKey.cipher(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, pair.getPrivate(), ForeignKey.oaep(algorithm));
            return cipher.doFinal(sealed);
        }
        ASN1Sequence parts = ASN1Sequence.getInstance(sealed);
        byte[] raw = Arrays.concatenate(
                new byte[] {4},
                Arrays.concatenate(coordinate(parts, 0), coordinate(parts, 1)),
                ASN1OctetString.getInstance(parts.getObjectAt(2)).getOctets(),
                ASN1OctetString.getInstance(parts.getObjectAt(3)).getOctets());
        SM2Engine engine = new SM2Engine(SM2Engine.Mode.C1C3C2);
        engine.init(false, PrivateKeyFactory.createKey(pair.getPrivate().getEncoded()));
        return engine.processBlock(raw, 0, raw.length);
    }

    private static byte[] coordinate(ASN1Sequence parts, int index) {
        BigInteger number = ASN1Integer.getInstance(parts.getObjectAt(index)).getValue();
        return BigIntegers.asUnsignedByteArray(32, number);
    }
}
