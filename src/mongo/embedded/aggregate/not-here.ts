/** Expressions of MongoDB 8.0 that are not here. */
export const EXPRESSIONS_NOT_HERE: ReadonlySet<string> = new Set(
  (
    'accumulator acos acosh asin asinh atan atan2 atanh binarySize bitAnd bitNot bitOr bitXor bottom bottomN bsonSize ' +
    'cos cosh covariancePop covarianceSamp dateAdd dateDiff dateFromParts dateFromString dateSubtract dateToParts ' +
    'dateTrunc degreesToRadians derivative firstN function integral isoWeek isoWeekYear lastN log maxN median meta minN ' +
    'percentile radiansToDegrees regexFind regexFindAll sampleRate sin sinh stdDevPop stdDevSamp tan tanh toHashedIndexKey ' +
    'toUUID top topN tsIncrement tsSecond week'
  )
    .split(' ')
    .map((name) => `$${name}`),
);

/** Stages of MongoDB 8.0 that are not here. */
export const STAGES_NOT_HERE: ReadonlySet<string> = new Set(
  (
    'bucket bucketAuto changeStream collStats currentOp densify fill geoNear graphLookup indexStats listSearchIndexes ' +
    'listSessions planCacheStats querySettings queryStats redact search searchMeta setWindowFields ' +
    'shardedDataDistribution vectorSearch'
  )
    .split(' ')
    .map((name) => `$${name}`),
);
