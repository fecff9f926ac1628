"""The groups in their order."""

from walk.aliases import aliases
from walk.catalogue import completeness, missing_parameters
from walk.ciphers import asymmetric_ciphers
from walk.deletion import deletion_protection, key_deletion
from walk.exports import exports
from walk.imports import imports
from walk.key_filters import key_filters
from walk.macs import macs
from walk.managed import managed_data_keys
from walk.policies import policies
from walk.re_encryption import re_encryption
from walk.secret_deletion import secret_deletion, secret_updates
from walk.secret_reads import batches, secret_filters, version_lists
from walk.secret_types import generic_rotation, secret_rotation, secret_types
from walk.signatures import signatures
from walk.specs import creation, creation_refused, descriptions, public_keys
from walk.stages import stages
from walk.tags import tags_of_many, tags_of_one
from walk.uses import not_offered, rehearsals, states
from walk.versions import rotation, versions

GROUPS = (
    creation,
    creation_refused,
    public_keys,
    descriptions,
    signatures,
    asymmetric_ciphers,
    macs,
    re_encryption,
    exports,
    versions,
    rotation,
    key_deletion,
    deletion_protection,
    imports,
    aliases,
    tags_of_one,
    tags_of_many,
    policies,
    managed_data_keys,
    key_filters,
    rehearsals,
    not_offered,
    states,
    batches,
    version_lists,
    secret_filters,
    stages,
    secret_deletion,
    secret_updates,
    secret_types,
    secret_rotation,
    generic_rotation,
    missing_parameters,
    completeness,
)
