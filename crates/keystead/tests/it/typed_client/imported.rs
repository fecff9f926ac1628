use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use keystead_client::operations::*;
use keystead_client::types::{Base64, KeyOrigin, KeyState, WrappingAlgorithm, WrappingKeySpec};

use super::{TEXT, World, refused};

fn wrapped(material: &[u8], public_key: &Base64) -> Base64 {
    let public = PublicEncryptingKey::from_der(&public_key.bytes().unwrap()).unwrap();
    let public = OaepPublicEncryptingKey::new(public).unwrap();
    let mut wrapped = vec![0; public.ciphertext_size()];
    let wrapped = public.encrypt(&OAEP_SHA256_MGF1SHA256, material, &mut wrapped, None).unwrap();
    Base64::from(&*wrapped)
}

pub async fn material_comes_and_goes(world: &World) {
    let by = &world.shared;
    let made = by.create_key(CreateKeyRequest::new().origin(KeyOrigin::EXTERNAL)).await.unwrap().key_metadata;
    assert_eq!((&made.key_state, &made.origin), (&KeyState::PENDING_IMPORT, &KeyOrigin::EXTERNAL));
    let key = made.key_id;
    refused(by.encrypt(EncryptRequest::new(&*key, TEXT)).await, 409, "Rejected.PendingImport");
    let material = [7; 32];
    let import = async |material: &[u8]| {
        let request = GetParametersForImportRequest::new(
            &*key,
            WrappingAlgorithm::RSAES_OAEP_SHA_256,
            WrappingKeySpec::RSA_2048,
        );
        let parameters = by.get_parameters_for_import(request).await.unwrap();
        assert_eq!(parameters.key_id.as_deref(), Some(&*key));
        let wrapped = wrapped(material, &parameters.public_key.unwrap());
        let request = ImportKeyMaterialRequest::new(wrapped, parameters.import_token.unwrap(), &*key, 0);
        by.import_key_material(request).await
    };
    import(&material).await.unwrap();
    let sealed = by.encrypt(EncryptRequest::new(&*key, TEXT)).await.unwrap().ciphertext_blob;
    by.delete_key_material(DeleteKeyMaterialRequest::new(&*key)).await.unwrap();
    let open = DecryptRequest::new(sealed);
    refused(by.decrypt(open.clone()).await, 409, "Rejected.PendingImport");
    refused(import(&[8; 32]).await, 400, "InvalidKeyMaterial");
    import(&material).await.unwrap();
    assert_eq!(by.decrypt(open).await.unwrap().plaintext.bytes().unwrap().expose(), TEXT);
}
