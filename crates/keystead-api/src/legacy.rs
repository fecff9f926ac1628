/// Operations that only the vendor's legacy SDKs know (`aliyun-python-sdk-kms` 2.16.5), and that are not offered; why
/// stands in `docs/legacy-operations.md`. Sorted.
pub const LEGACY_OPERATIONS: &[&str] = &[
    "AdvanceEncrypt",
    "CertificatePrivateKeyDecrypt",
    "CertificatePrivateKeySign",
    "CertificatePublicKeyEncrypt",
    "CertificatePublicKeyVerify",
    "CreateCertificate",
    "DeleteCertificate",
    "DescribeCertificate",
    "GetCertificate",
    "UpdateCertificateStatus",
    "UploadCertificate",
];

#[cfg(test)]
mod tests {
    use super::LEGACY_OPERATIONS;
    use crate::{OperationId, Product};

    #[test]
    fn none_of_them_is_offered_and_each_has_its_reason() {
        let page = include_str!("../../../docs/legacy-operations.md");
        assert!(LEGACY_OPERATIONS.is_sorted());
        for name in LEGACY_OPERATIONS {
            assert_eq!(OperationId::find(Product::Kms, name), None, "{name}");
            assert!(page.contains(&format!("| {name} |")), "{name} is not in docs/legacy-operations.md");
        }
    }
}
