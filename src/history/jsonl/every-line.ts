/** Every record of a transcript, parsed, for those who want more of it than its usage. */
import type { RunKind } from "../../format/event.ts"
import { transcriptRow } from "../usage/read-row.ts"
import { isHeartbeatPrompt, type OnRow } from "./usage-lines.ts"

export class EveryLine {
  unreadable = 0
  readonly #onRow: OnRow
  #kind: RunKind | undefined

  constructor(onRow: OnRow) {
    this.#onRow = onRow
  }

  piece(bytes: Buffer): void {
    for (const line of bytes.toString("utf8").split("\n")) if (line.trim() !== "") this.#line(line)
  }

  #line(line: string): void {
    try {
      const row = transcriptRow(JSON.parse(line), Buffer.byteLength(line))
      if (row === undefined) throw new TypeError("it is no object")
      if (row.message.role === "user") this.#kind = isHeartbeatPrompt(line) ? "heartbeat" : undefined
      this.#onRow(row, this.#kind)
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error
      this.unreadable++
    }
  }
}
