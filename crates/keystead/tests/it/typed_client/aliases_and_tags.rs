use keystead_client::operations::*;
use keystead_client::types::{Tag, TaggedType};

use super::{TEXT, World, refused};

const REGION: &str = "cn-hangzhou";

pub async fn aliases(world: &World) {
    let by = &world.shared;
    let (one, two) = (world.aes().await, world.aes().await);
    for name in ["alias/typed-a", "alias/typed-b", "alias/typed-c"] {
        by.create_alias(CreateAliasRequest::new(name, &*one)).await.unwrap();
    }
    let again = CreateAliasRequest::new("alias/typed-a", &*one);
    refused(by.create_alias(again).await, 400, "AliasAlreadyExists");
    assert_eq!(by.encrypt(EncryptRequest::new("alias/typed-a", TEXT)).await.unwrap().key_id, one);
    by.update_alias(UpdateAliasRequest::new("alias/typed-a", &*two)).await.unwrap();
    assert_eq!(by.encrypt(EncryptRequest::new("alias/typed-a", TEXT)).await.unwrap().key_id, two);
    by.delete_alias(DeleteAliasRequest::new("alias/typed-b")).await.unwrap();
    refused(by.delete_alias(DeleteAliasRequest::new("alias/typed-b")).await, 404, "Forbidden.AliasNotFound");

    let mut listed = Vec::new();
    let mut pages = by.pages::<ListAliases>(ListAliasesRequest::new().page_size(1));
    while let Some(page) = pages.next().await.unwrap() {
        assert_eq!((page.total_count, page.aliases.alias.len()), (2, 1));
        listed.extend(page.aliases.alias.into_iter().map(|alias| (alias.alias_name, alias.key_id)));
    }
    listed.sort();
    assert_eq!(
        listed,
        [("alias/typed-a".to_owned(), two.clone()), ("alias/typed-c".to_owned(), one.clone())]
    );
    let mut pages = by.pages::<ListAliasesByKeyId>(ListAliasesByKeyIdRequest::new(&*one));
    let page = pages.next().await.unwrap().unwrap();
    let [alias] = &page.aliases.unwrap().alias[..] else { panic!("not one alias") };
    assert_eq!(alias.alias_name.as_deref(), Some("alias/typed-c"));
    assert!(alias.alias_arn.as_deref().unwrap().ends_with(":alias/typed-c"));
    assert!(pages.next().await.unwrap().is_none());
}

/// What a key is tagged with, sorted.
async fn of_key(world: &World, key: &str) -> Vec<(String, String)> {
    let answer = world.shared.list_resource_tags(ListResourceTagsRequest::new(key)).await.unwrap();
    let tags = answer.tags.unwrap().tag.into_iter();
    let mut tags: Vec<_> = tags.map(|tag| (tag.tag_key.unwrap(), tag.tag_value.unwrap())).collect();
    tags.sort();
    tags
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub async fn tags(world: &World) {
    let by = &world.shared;
    let (one, two) = (world.aes().await, world.aes().await);
    let request = TagResourceRequest::new([Tag::new("a", "1"), Tag::new("b", "x=y_1")]).key_id(&*one);
    by.tag_resource(request).await.unwrap();
    assert_eq!(of_key(world, &one).await, owned(&[("a", "1"), ("b", "x=y_1")]));
    by.untag_resource(UntagResourceRequest::new(["a"]).key_id(&*one)).await.unwrap();
    assert_eq!(of_key(world, &one).await, owned(&[("b", "x=y_1")]));

    let both = vec![one.clone(), two.clone()];
    let request = TagResourcesRequest::new(
        REGION,
        both.clone(),
        TaggedType::KEY,
        vec![ResourceTag::new("typed", "yes"), ResourceTag::new("c", "3")],
    );
    by.tag_resources(request).await.unwrap();
    assert_eq!(of_key(world, &two).await, owned(&[("c", "3"), ("typed", "yes")]));
    let request = ListTagResourcesRequest::new(REGION, TaggedType::KEY)
        .tag(vec![ListedTag { key: Some("typed".into()), value: Some("yes".into()) }]);
    let mut pages = by.pages::<ListTagResources>(request);
    let mut rows = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        for row in page.tag_resources.unwrap().tag_resource {
            assert_eq!(row.resource_type, Some(TaggedType::KEY));
            rows.push((row.resource_id.unwrap(), row.tag_key.unwrap()));
        }
    }
    for key in &both {
        assert!(rows.contains(&(key.clone(), "typed".to_owned())), "{rows:?}");
    }
    let request = UntagResourcesRequest::new(REGION, both, TaggedType::KEY);
    by.untag_resources(request.clone().tag_key(vec!["c".to_owned()])).await.unwrap();
    assert_eq!(of_key(world, &two).await, owned(&[("typed", "yes")]));
    by.untag_resources(request.all(true)).await.unwrap();
    assert_eq!(of_key(world, &one).await, []);
    let unknown = TagResourceRequest::new([Tag::new("a", "1")]).key_id("none");
    refused(by.tag_resource(unknown).await, 404, "Forbidden.KeyNotFound");
}
