const DRIVER_SENDS = 'the driver sends a write concern that it should refuse in a transaction';
const DRIVER_COUNTS = 'the driver lists ids as inserted before it knows that they were';
const NEEDS_SECONDARY = 'the driver looks for a secondary, and this set has one member';
const SNAPSHOT = 'snapshot reads outside of transactions are refused';

const CHANGE_STREAMS = 'change streams are refused';
const MAP_REDUCE = 'mapReduce is refused, and the driver does not have it any more';
const CAPPED = 'capped collections are refused';

const WATCHED = ['client', 'db', 'db.coll'];
const READ_AGAIN_AFTER = [
  'HostNotFound',
  'HostUnreachable',
  'InterruptedAtShutdown',
  'InterruptedDueToReplStateChange',
  'NetworkTimeout',
  'NotPrimaryNoSecondaryOk',
  'NotPrimaryOrSecondary',
  'NotWritablePrimary',
  'PrimarySteppedDown',
  'ShutdownInProgress',
  'SocketException',
];
const CHANGE_STREAM_CASES = WATCHED.flatMap((watched) => [
  ...['first', 'second'].map(
    (attempt) => `changeStreams-${watched}.watch: ${watched}.watch succeeds on ${attempt} attempt`,
  ),
  ...READ_AGAIN_AFTER.map(
    (code) => `changeStreams-${watched}.watch-serverErrors: ${watched}.watch succeeds after ${code}`,
  ),
]);

/** Test cases that do not pass, and why, by their suite. A case that begins to pass must leave this list. */
export const KNOWN_FAILURES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'retryable-writes': {
    'bulkWrite: First insertOne is never committed': DRIVER_COUNTS,
  },
  'retryable-reads': {
    ...Object.fromEntries(CHANGE_STREAM_CASES.map((name) => [name, CHANGE_STREAMS])),
    'mapReduce: MapReduce succeeds with retry on': MAP_REDUCE,
  },
  'run-command': {
    'runCursorCommand: does not close the cursor when receiving an empty batch': CAPPED,
  },
  'read-write-concern': {
    'default-write-concern-3.4: MapReduce omits default write concern': MAP_REDUCE,
  },
  sessions: {
    'implicit-sessions-default-causal-consistency: afterClusterTime is not sent on retried read in implicit session when readConcern level is snapshot':
      SNAPSHOT,
    'snapshot-sessions: Aggregate operation with snapshot': SNAPSHOT,
    'snapshot-sessions: Aggregate operation with snapshot and snapshot time': SNAPSHOT,
    'snapshot-sessions: Distinct operation with snapshot': SNAPSHOT,
    'snapshot-sessions: Distinct operation with snapshot and snapshot time': SNAPSHOT,
    'snapshot-sessions: Find operation with snapshot': SNAPSHOT,
    'snapshot-sessions: Find operation with snapshot and snapshot time': SNAPSHOT,
    'snapshot-sessions: First snapshot read does not send atClusterTime': SNAPSHOT,
    'snapshot-sessions: Mixed operation with snapshot': SNAPSHOT,
    'snapshot-sessions: Mixed operation with snapshot and snapshotTime': SNAPSHOT,
    'snapshot-sessions: Write commands with snapshot session do not affect snapshot reads': SNAPSHOT,
    'snapshot-sessions: countDocuments operation with snapshot': SNAPSHOT,
    'snapshot-sessions: countDocuments operation with snapshot and snapshot time': SNAPSHOT,
  },
  transactions: {
    'client-bulkWrite: client bulkWrite with writeConcern in a transaction causes a transaction error':
      DRIVER_SENDS,
    'run-command: run command with secondary read preference in client option and primary read preference in transaction options':
      NEEDS_SECONDARY,
    'transaction-options: readPreference inherited from client': NEEDS_SECONDARY,
  },
};
