/** Names of transcript files, in each of the forms the host gives them, and of the copies it keeps of them. */

export type TranscriptName = {
  readonly sessionId: string
  readonly packed: boolean
  /** A copy that the host's own page of usage does not count. */
  readonly isCopy: boolean
}

const moment = "\\d{4}-\\d{2}-\\d{2}T\\d{2}-\\d{2}-\\d{2}(?:[.-]\\d{3})?Z"
/**
 * `ID.jsonl`; archived as `.reset.`, `.deleted.` or `.bak.` with the moment and perhaps a generation; before a repair of the doctor's; migrated into a
 * store, counted when that happened twice; a checkpoint's copy; any of them packed.
 */
const form = new RegExp(
  `^(.+?)(?:\\.checkpoint\\.[0-9a-f-]{36})?\\.jsonl(?:\\.(?:reset|deleted|bak)\\.${moment}(?:\\.[0-9a-f]{32})?|\\.pre-doctor-[a-z-]+-repair-${moment}\\.bak)?(?:\\.migrated(?:\\.\\d+)?)?(\\.zst)?$`,
)
const uncounted = /\.checkpoint\.|\.bak(?:\.|$)|\.migrated/
const trajectory = /\.trajectory\.jsonl/

/** Undefined when it is the name of anything else. */
export function transcriptName(name: string): TranscriptName | undefined {
  if (trajectory.test(name)) return undefined
  const found = form.exec(name)
  return found?.[1] === undefined ? undefined : { sessionId: found[1], packed: found[2] !== undefined, isCopy: uncounted.test(name) }
}
