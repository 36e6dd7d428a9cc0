/** Settings of other audit trails, as they stand in configurations that people bring along: accepted, so that the host does not refuse all of them, and ignored. */
export const ignoredSettings: Readonly<Record<string, string>> = {
  dbPath: "the ledger is a directory: dataDir",
  rateLimitPerSec: "nothing is dropped for its rate",
  rateLimitBufferSize: "nothing is dropped for its rate",
  "smt.checkpointDir": "checkpoints are part of the journal",
  "smt.checkpointIntervalMs": "a checkpoint is stored once a minute while something is recorded",
  "smt.maxTreeSize": "the tree has no bound",
  "smt.epochDurationMs": "the tree is not cut into epochs",
  "smt.pruneAfterEpochs": "the tree is not pruned",
}

export function isIgnoredSetting(name: string): boolean {
  return name in ignoredSettings
}
