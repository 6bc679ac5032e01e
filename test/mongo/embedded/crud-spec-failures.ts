const DRIVER_ID = 'the driver replaces an _id of null by an ObjectId of its own';
const DRIVER_WRAPS = 'the driver wraps the error of the server and does not show its code';
const DRIVER_PARTIAL = 'the driver reports an empty partial result where none is expected';

/** Test cases that do not pass, and why. A case that begins to pass must leave this list. */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {
  'client-bulkWrite-errorResponse: client bulkWrite operations support errorResponse assertions':
    DRIVER_WRAPS,
  'client-bulkWrite-errors: a top-level failure occurs during a bulkWrite': DRIVER_WRAPS,
  'client-bulkWrite-partialResults: partialResult is unset when all operations fail during an unordered bulk write':
    DRIVER_PARTIAL,
  'client-bulkWrite-partialResults: partialResult is unset when first operation fails during an ordered bulk write (summary)':
    DRIVER_PARTIAL,
  'client-bulkWrite-partialResults: partialResult is unset when first operation fails during an ordered bulk write (verbose)':
    DRIVER_PARTIAL,
  'create-null-ids: inserting _id with type null via bulkWrite': DRIVER_ID,
  'create-null-ids: inserting _id with type null via clientBulkWrite': DRIVER_ID,
  'create-null-ids: inserting _id with type null via insertMany': DRIVER_ID,
  'create-null-ids: inserting _id with type null via insertOne': DRIVER_ID,
  'estimatedDocumentCount: estimatedDocumentCount works correctly on views': 'views are refused',
  'findOneAndUpdate-errorResponse: findOneAndUpdate document validation errInfo is accessible':
    'validators are refused',
};
