/**
 * The name of a model call's row in the host's transcripts, wherever it was copied to: in a fork of the session, an archive, a store it was migrated to.
 * It is made of what the row says: two rows that differ in their time or their counts are two calls, so that a forged row under the id of a true one
 * hides nothing. Live capture and import name the same row the same way.
 */
import { rowNameLength } from "../format/row-name.ts"
import { sha256Base64url } from "../format/sha256.ts"

export type NamedRow = {
  /** The row's own id. Where it has none, the session stands in for it. */
  readonly message: string
  /** When the message began, milliseconds since 1970 UTC; of a row without that, when it was written. */
  readonly atMs: number
  readonly provider: string
  readonly model: string
  readonly response: string
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

export function rowName({ message, atMs, provider, model, response, input, output, cacheRead, cacheWrite }: NamedRow): string {
  // The counts stand last: whatever the texts hold, rows of other counts have other names.
  const said = `${message}\n${atMs}\n${provider}\n${model}\n${response}\n${input}\n${output}\n${cacheRead}\n${cacheWrite}`
  return sha256Base64url(said).slice(0, rowNameLength)
}
