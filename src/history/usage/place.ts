/** Where a conversation of the host's took place: what its session key says, and what the host's list of sessions adds. */
import type { KeyPlace } from "../../capture/session-key.ts"

export type SessionPlace = Omit<KeyPlace, "agent"> & {
  readonly agent: string
  /** The host's id of the transcript. */
  readonly sessionId: string
  /** The host's key of the conversation; an old transcript may have lost it. */
  readonly key?: string
  /** Key of the session that delegated the work. */
  readonly parent?: string
  readonly project?: string
}
