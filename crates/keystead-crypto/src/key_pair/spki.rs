use sm2::pkcs8::ObjectIdentifier;
use sm2::pkcs8::der::asn1::BitStringRef;
use sm2::pkcs8::der::{Decode as _, Encode as _};
use sm2::pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::KeyPairError;

/// `rsaEncryption` (RFC 8017).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-ecPublicKey` (RFC 5480); SM2 keys carry it too, told apart by the curve.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// The curves by their names.
pub(super) const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
pub(super) const P256K: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.10");
pub(super) const SM2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");

/// Length of an uncompressed point, in bytes: 04, x, y.
const POINT_LEN: usize = 65;

/// The point of a curve's key. Only the uncompressed form passes: what a key pair hands out is what every client reads.
/// Whether the point lies on the curve is for the library that takes it.
pub(super) fn point(der: &[u8], curve: ObjectIdentifier) -> Result<&[u8], KeyPairError> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| KeyPairError::Malformed)?;
    info.algorithm.assert_oids(EC, curve).map_err(|_| KeyPairError::Malformed)?;
    let point = info.subject_public_key.as_bytes().ok_or(KeyPairError::Malformed)?;
    if point.len() == POINT_LEN && point[0] == 4 { Ok(point) } else { Err(KeyPairError::Malformed) }
}

/// The SubjectPublicKeyInfo of an uncompressed point.
pub(super) fn of_point(curve: ObjectIdentifier, point: &[u8]) -> Result<Vec<u8>, KeyPairError> {
    SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef { oid: EC, parameters: Some((&curve).into()) },
        subject_public_key: BitStringRef::from_bytes(point).map_err(|_| KeyPairError::Failed)?,
    }
    .to_der()
    .map_err(|_| KeyPairError::Failed)
}

/// Whether it is an RSA key by its name.
pub(super) fn check_rsa(der: &[u8]) -> Result<(), KeyPairError> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| KeyPairError::Malformed)?;
    info.algorithm.assert_algorithm_oid(RSA).map(|_| ()).map_err(|_| KeyPairError::Malformed)
}
