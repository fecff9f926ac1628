"""Both families of tag operations, on keys and on secrets."""

import json

from checks import UNKNOWN_KEY
from harness import equal, holds


def listed_tags(pairs):
    return json.dumps([{"TagKey": key, "TagValue": value} for key, value in pairs.items()], ensure_ascii=False)


def tags_of_one(walk):
    key_id, _ = walk.fresh_key()
    secret = f"{walk.run_id}/tagged"

    def seen(name=key_id):
        entries = walk.call("ListResourceTags", KeyId=name)["Tags"]["Tag"]
        equal({entry["KeyId"] for entry in entries} <= {key_id}, True, "whether every tag names the key")
        return {entry["TagKey"]: entry["TagValue"] for entry in entries}

    def tagged():
        equal(seen(), {}, "tags of a new key")
        walk.call("TagResource", KeyId=key_id, Tags=listed_tags({"team": "blue", "stage": "a b", "größe": "密"}))
        equal(seen(), {"team": "blue", "stage": "a b", "größe": "密"}, "tags")
        walk.call("TagResource", KeyId=key_id, Tags=listed_tags({"team": "red", "more": ""}))
        equal(seen(walk.arn(f"key/{key_id}")), {"team": "red", "stage": "a b", "größe": "密", "more": ""}, "tags")

    walk.check("TagResource adds tags to a key and replaces values", tagged)

    def untagged():
        walk.call("UntagResource", KeyId=key_id, TagKeys='["team","größe"]')
        equal(seen(), {"stage": "a b", "more": ""}, "tags")
        walk.call("UntagResource", KeyId=key_id, TagKeys="stage,absent")
        equal(seen(), {"more": ""}, "tags")

    walk.check("UntagResource takes a JSON array and a comma list", untagged)

    def on_secret():
        walk.call("CreateSecret", SecretName=secret, VersionId="v1", SecretData="x")
        walk.call("TagResource", SecretName=secret, Tags=listed_tags({"a": "1", "b": "2"}))
        walk.call("UntagResource", SecretName=secret, TagKeys='["a"]')
        shown = walk.call("DescribeSecret", SecretName=secret, FetchTags="true")["Tags"]["Tag"]
        equal([(tag["TagKey"], tag["TagValue"]) for tag in shown], [("b", "2")], "tags")

    walk.check("TagResource and UntagResource on a secret", on_secret)
    full, _ = walk.fresh_key()

    def twenty():
        walk.call("TagResource", KeyId=full, Tags=listed_tags({f"k{n}": "v" for n in range(20)}))
        walk.refused(
            400,
            ("InvalidParameter", "Rejected.LimitExceeded"),
            "TagResource",
            KeyId=full,
            Tags=listed_tags({"one-more": "v"}),
        )
        walk.call("TagResource", KeyId=full, Tags=listed_tags({"k0": "changed"}))

    walk.check("TagResource takes 20 tags and no more", twenty)
    good = listed_tags({"a": "b"})
    for name, status, code, parameters in (
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"KeyId": UNKNOWN_KEY}),
        ("an unknown secret", 404, "Forbidden.ResourceNotFound", {"SecretName": f"{walk.run_id}/none"}),
        ("a certificate", 404, "Certificate.NotFound", {"CertificateId": "c"}),
        ("no resource", 400, ("InvalidParameter", "MissingParameter"), {}),
        ("two resources", 400, "InvalidParameter", {"KeyId": key_id, "SecretName": secret}),
    ):
        walk.refuses(f"TagResource with {name} is refused", status, code, "TagResource", Tags=good, **parameters)
        walk.refuses(
            f"UntagResource with {name} is refused", status, code, "UntagResource", TagKeys='["a"]', **parameters
        )
    for name, code, text in (
        ("tags that are no JSON", "InvalidParameter", "a=b"),
        ("a tag twice", "Duplicate.TagKey", '[{"TagKey":"a","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]'),
        ("a tag key of acs:", "InvalidParameter.TagKey", listed_tags({"acs:a": "b"})),
        ("a tag value of 129 characters", "InvalidParameter.TagValue", listed_tags({"a": "b" * 129})),
    ):
        walk.refuses(f"TagResource with {name} is refused", 400, code, "TagResource", KeyId=key_id, Tags=text)
    walk.refuses(
        "ListResourceTags of an unknown key is refused",
        404,
        "Forbidden.KeyNotFound",
        "ListResourceTags",
        KeyId=UNKNOWN_KEY,
    )


def tags_of_many(walk):
    region = walk.ready.region
    keys = [walk.fresh_key()[0] for _ in range(2)]
    secret = f"{walk.run_id}/tagged with many".replace(" ", "-")

    def shown(kind="key", **parameters):
        answer = walk.call("ListTagResources", RegionId=region, ResourceType=kind, **parameters)
        rows = answer["TagResources"]["TagResource"]
        holds(all(row["ResourceType"] == kind for row in rows), "a row of another type")
        return {(row["ResourceId"], row["TagKey"], row["TagValue"]) for row in rows}

    def tagged():
        pairs = [{"Key": "team", "Value": "blue"}, {"Key": walk.run_id, "Value": "a b+密"}]
        walk.call("TagResources", RegionId=region, ResourceType="key", ResourceId=keys, Tag=pairs)
        expected = {(key, pair["Key"], pair["Value"]) for key in keys for pair in pairs}
        equal(shown(ResourceId=keys), expected, "rows by ResourceId")
        equal(
            shown(Tag=[{"Key": walk.run_id, "Value": "a b+密"}]) >= {row for row in expected if row[1] == walk.run_id},
            True,
            "rows by tag",
        )
        equal(shown(ResourceId=keys[:1]), {row for row in expected if row[0] == keys[0]}, "rows of one key")
        walk.call(
            "TagResources",
            RegionId=region,
            ResourceType="key",
            ResourceId=keys[:1],
            Tag=[{"Key": "team", "Value": "red"}],
        )
        holds((keys[0], "team", "red") in shown(ResourceId=keys), "the value was not replaced")
        holds((keys[1], "team", "blue") in shown(ResourceId=keys), "the value of another key was replaced")

    walk.check("TagResources and ListTagResources on keys", tagged)

    def untagged():
        walk.call("UntagResources", RegionId=region, ResourceType="key", ResourceId=keys, TagKey=["team", "absent"])
        equal({row[1] for row in shown(ResourceId=keys)}, {walk.run_id}, "tag keys left")
        walk.call("UntagResources", RegionId=region, ResourceType="key", ResourceId=keys, All=True)
        equal(shown(ResourceId=keys), set(), "rows left")

    walk.check("UntagResources by tag key and all at once", untagged)

    def on_secrets():
        walk.call("CreateSecret", SecretName=secret, VersionId="v1", SecretData="x")
        walk.call(
            "TagResources",
            RegionId=region,
            ResourceType="secret",
            ResourceId=[secret],
            Tag=[{"Key": "a", "Value": "1"}],
        )
        equal(shown("secret", ResourceId=[secret]), {(secret, "a", "1")}, "rows")
        walk.call("UntagResources", RegionId=region, ResourceType="secret", ResourceId=[secret], All=True)
        equal(shown("secret", ResourceId=[secret]), set(), "rows left")

    walk.check("TagResources, ListTagResources and UntagResources on secrets", on_secrets)

    def paged():
        many = [walk.new_key()["KeyId"] for _ in range(11)]
        pairs = [{"Key": f"{walk.run_id}-{n}", "Value": str(n)} for n in range(20)]
        walk.call("TagResources", RegionId=region, ResourceType="key", ResourceId=many, Tag=pairs)
        first = walk.call("ListTagResources", RegionId=region, ResourceType="key", ResourceId=many)
        equal(len(first["TagResources"]["TagResource"]), 200, "rows of the first page")
        holds(first.get("NextToken"), "no NextToken")
        second = walk.call(
            "ListTagResources", RegionId=region, ResourceType="key", ResourceId=many, NextToken=first["NextToken"]
        )
        equal(len(second["TagResources"]["TagResource"]), 20, "rows of the second page")
        equal(second.get("NextToken") or "", "", "NextToken of the last page")
        rows = first["TagResources"]["TagResource"] + second["TagResources"]["TagResource"]
        equal(len({(row["ResourceId"], row["TagKey"]) for row in rows}), 220, "different rows")

    walk.check("ListTagResources gives 200 rows and a NextToken", paged)
    pair = [{"Key": "a", "Value": "b"}]
    good = {"RegionId": region, "ResourceType": "key", "ResourceId": keys}
    for action, rest in (
        ("TagResources", {"Tag": pair}),
        ("UntagResources", {"TagKey": ["a"]}),
        ("ListTagResources", {}),
    ):
        for name, status, code, change in (
            ("an unknown key", 404, "InvalidResourceId.NotFound", {"ResourceId": [keys[0], UNKNOWN_KEY]}),
            (
                "an unknown secret",
                404,
                "InvalidResourceId.NotFound",
                {"ResourceType": "secret", "ResourceId": [f"{walk.run_id}/none"]},
            ),
            ("an unknown ResourceType", 400, "InvalidParameter", {"ResourceType": "instance"}),
            ("51 resources", 400, "InvalidParameter", {"ResourceId": keys[:1] * 51}),
        ):
            walk.refuses(f"{action} with {name} is refused", status, code, action, **{**good, **rest, **change})
    for name, code, pairs in (
        ("a tag twice", "Duplicate.TagKey", pair + [{"Key": "a", "Value": "c"}]),
        ("a tag key of aliyun", "InvalidParameter.TagKey", [{"Key": "aliyun", "Value": "c"}]),
        ("a tag value with <", "InvalidParameter.TagValue", [{"Key": "a", "Value": "<"}]),
        ("21 tags", "InvalidParameter", [{"Key": f"k{n}", "Value": "v"} for n in range(21)]),
    ):
        walk.refuses(f"TagResources with {name} is refused", 400, code, "TagResources", **good, Tag=pairs)

    def nothing_half_done():
        walk.refused(
            404,
            "InvalidResourceId.NotFound",
            "TagResources",
            **{**good, "ResourceId": [keys[0], UNKNOWN_KEY]},
            Tag=pair,
        )
        equal(shown(ResourceId=keys), set(), "rows")

    walk.check("TagResources that is refused tags nothing", nothing_half_done)
