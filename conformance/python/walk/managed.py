"""GetManagedDataKey and ListManagedDataKeyVersions."""


def managed_data_keys(walk):
    name = f"{walk.run_id}/no-managed-data-key"
    walk.refuses(
        "GetManagedDataKey of an unknown name is refused",
        404,
        "Forbidden.ResourceNotFound",
        "GetManagedDataKey",
        DataKeyName=name,
    )
    walk.refuses(
        "ListManagedDataKeyVersions of an unknown name is refused",
        404,
        "Forbidden.ResourceNotFound",
        "ListManagedDataKeyVersions",
        DataKeyName=name,
    )
