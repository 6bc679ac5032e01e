const DRIVER_ID = 'the driver replaces an _id of null by an ObjectId of its own';

/** Test cases that do not pass, and why. A case that begins to pass must leave this list. */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {
  'create-null-ids: inserting _id with type null via bulkWrite': DRIVER_ID,
  'create-null-ids: inserting _id with type null via clientBulkWrite': DRIVER_ID,
  'create-null-ids: inserting _id with type null via insertMany': DRIVER_ID,
  'create-null-ids: inserting _id with type null via insertOne': DRIVER_ID,
};
