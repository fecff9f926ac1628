// The groups in their order.

import { aliases } from './aliases.mjs';
import { completeness, missingParameters } from './catalogue.mjs';
import { asymmetricCiphers } from './ciphers.mjs';
import { deletionProtection, keyDeletion } from './deletion.mjs';
import { exportedKeys } from './exports.mjs';
import { importedKeys } from './imports.mjs';
import { keyFilters } from './key-filters.mjs';
import { macs } from './macs.mjs';
import { managedDataKeys } from './managed.mjs';
import { policies } from './policies.mjs';
import { reEncryption } from './re-encryption.mjs';
import { secretDeletion, secretUpdates } from './secret-deletion.mjs';
import { batches, secretFilters, versionLists } from './secret-reads.mjs';
import { genericRotation, secretRotation, secretTypes } from './secret-types.mjs';
import { signatures } from './signatures.mjs';
import { creation, creationRefused, descriptions, publicKeys } from './specs.mjs';
import { stages } from './stages.mjs';
import { tagsOfMany, tagsOfOne } from './tags.mjs';
import { notOffered, rehearsals, states } from './uses.mjs';
import { rotation, versions } from './versions.mjs';

export const GROUPS = [
  creation,
  creationRefused,
  publicKeys,
  descriptions,
  signatures,
  asymmetricCiphers,
  macs,
  reEncryption,
  exportedKeys,
  versions,
  rotation,
  keyDeletion,
  deletionProtection,
  importedKeys,
  aliases,
  tagsOfOne,
  tagsOfMany,
  policies,
  managedDataKeys,
  keyFilters,
  rehearsals,
  notOffered,
  states,
  batches,
  versionLists,
  secretFilters,
  stages,
  secretDeletion,
  secretUpdates,
  secretTypes,
  secretRotation,
  genericRotation,
  missingParameters,
  completeness,
];
