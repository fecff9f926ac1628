"""Every call of an official client, with every parameter that it has."""

import inspect
import typing

# Whoever encodes wrongly encodes one of these wrongly.
ODD = "a b+c*d~e-f_g.h/i=j&k%l'm\"n\\o中(ä)é:@,;?#!$[]{}|<>^`"
# Parameters whose text has a form, by their names in the SDK: a client may look at them.
FORMS = {
    "AQIDBAUGBwgJCgsMDQ4PEA==": """ciphertext_blob plaintext digest value message mac encrypted_key_material
        import_token public_key_blob recipient""",
    "true": """dry_run fetch_extended_config fetch_tags force_delete_without_backup force_delete_without_recovery
        include_deprecated require_each_included_type exclude_lowercase exclude_numbers exclude_punctuation
        exclude_uppercase""",
    "7": "password_length recovery_window_in_days",
    "7d": "rotation_interval",
    "2027-01-02T03:04:05Z": "not_after not_before",
    '{"Statement":[{"Action":["kms:*"],"Effect":"Allow","Resource":["*"],"Sid":"a b"}],"Version":"1"}': """policy
        policy_document assume_role_policy_document new_assume_role_policy_document""",
    '{"NetworkRules":["a b"]}': "access_control_rules",
    '["a b","ä"]': "permissions resources policies source_private_ip tag_keys version_stages",
    '[{"Key":"KeyState","Values":["Enabled"]}]': "filters",
    '[{"TagKey":"a b","TagValue":"ä+"}]': "tags",
    '[{"RegionId":"r","VSwitchId":"s","VpcId":"v","VpcOwnerId":1}]': "bind_vpcs",
}
FORM_OF = {name: form for form, names in FORMS.items() for name in names.split()}
BY_TYPE = {int: 7, bool: True, dict[str, typing.Any]: {"a": "1", "b c": "ä+中", "d": '"'}}


def calls(client, models):
    """Each method of the client with the type of its requests, which is None where the operation has no parameters."""
    for method, function in inspect.getmembers(client, inspect.isfunction):
        if method.endswith("_with_options"):
            hints = [str(parameter.annotation) for parameter in inspect.signature(function).parameters.values()]
            names = [hint.rpartition(".")[2] for hint in hints if hint.endswith("Request")]
            yield method, getattr(models, names[0]) if names else None


def filled(model, models):
    """A request, or a part of one, with everything set."""
    parameters = list(inspect.signature(model.__init__).parameters.values())[1:]
    scope = {"Dict": dict, "List": list, "Any": typing.Any, "main_models": models}
    return model(**{each.name: value(each.name, eval(str(each.annotation), scope), models) for each in parameters})


def value(name, kind, models):
    if typing.get_origin(kind) is list:
        # Two items, so that both their order and their numbers show.
        return [value(name, *typing.get_args(kind), models), value(name, *typing.get_args(kind), models)]
    if kind is str:
        return FORM_OF.get(name, f"{name} {ODD}")
    return BY_TYPE[kind] if kind in BY_TYPE else filled(kind, models)
