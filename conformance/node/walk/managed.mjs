// GetManagedDataKey and ListManagedDataKeyVersions.

export async function managedDataKeys(walk) {
  const DataKeyName = `${walk.runId}/no-managed-data-key`;
  for (const action of ['GetManagedDataKey', 'ListManagedDataKeyVersions']) {
    await walk.refuses(`${action} of an unknown name is refused`, 404, 'Forbidden.ResourceNotFound', action, { DataKeyName });
  }
}
