/**
 * What an import says to the writer: many lines, each answered when it is on disk, without a wait between them. Rows leave as the text the reader made
 * of them: they are put together here, not parsed.
 */
import { Fault, faultFromJson } from "../../../base/fault.ts"
import type { UsageBatch } from "../../../history/usage/batch.ts"
import type { SpendSettings } from "../../../operations/spend/parse-prices.ts"
import type { WriterConnection } from "../../socket/connection.ts"
import type { ControlAnswer, ServerLine } from "../../socket/protocol.ts"
import { openLane, randomSender, type LinkOptions } from "../../socket/writer-link.ts"

/** One sync of the disk a line; and a line has to be held whole at both ends. */
const lineCharacters = 500_000

/** A source that was read, as the writer marks it. */
export type SourceNote = {
  readonly path: string
  readonly kind: string
  readonly sizeBytes: number
  readonly modifiedMs: number
  readonly inode: number
  readonly endByte: number
  readonly rows: number
  readonly unreadable: number
  readonly depth: "usage" | "all"
}

export async function openImport(options: LinkOptions, spend: SpendSettings): Promise<ImportLink> {
  const link = new ImportLink()
  link.begin(await openLane(options, "control", randomSender(), { line: (line) => link.heard(line), closed: (why) => link.lost(why) }), spend)
  return link
}

export class ImportLink {
  #connection: WriterConnection | undefined
  #asked = 0
  #answered = 0
  #failure: Fault | undefined
  #settled: (() => void) | undefined
  #batches: string[] = []
  #events: Buffer[] = []
  #characters = 0
  #notes: SourceNote[] = []
  /** Bytes of events behind each line that is not answered yet. */
  readonly #onTheWay: number[] = []
  #eventBytes = 0
  /** Told how much of the events is on disk. */
  onSettled: (bytes: number) => void = () => {}

  begin(connection: WriterConnection, spend: SpendSettings): void {
    this.#connection = connection
    this.#send(`"spend":${JSON.stringify(spend)}`)
  }

  /** Of conversations that are about to come: their keys are made in one commit, and not in one a line. */
  sessions(labels: readonly string[]): void {
    if (labels.length > 0) this.#send(`"sessions":${JSON.stringify(labels)}`)
  }

  usage({ place, names, ids, columns, responses }: Pick<UsageBatch, "place" | "names" | "ids" | "columns" | "responses">): void {
    const named = JSON.stringify({ place, names, ids, responses })
    // Nothing in it has to be escaped but the quotes around its names.
    const text = `${named.slice(0, -1)},"columns":"${columns.replaceAll('"', '\\"')}"}`
    this.#batches.push(text)
    this.#characters += text.length
    if (this.#characters > lineCharacters) this.flush()
  }

  /** As they were packed. */
  events(bytes: Buffer): void {
    this.#events.push(bytes)
    this.#eventBytes += bytes.length
    if (this.#characters + this.#eventBytes > lineCharacters) this.flush()
  }

  /** Told after the last of its rows. */
  read(note: SourceNote): void {
    this.#notes.push(note)
  }

  flush(): void {
    if (this.#batches.length === 0 && this.#events.length === 0 && this.#notes.length === 0) return
    this.#send(`"usage":[${this.#batches.join()}],"sources":${JSON.stringify(this.#notes)}`, this.#events, this.#eventBytes)
    this.#batches = []
    this.#events = []
    this.#eventBytes = 0
    this.#notes = []
    this.#characters = 0
  }

  /** Resolves when everything is on disk. @throws the writer's fault, or why it is gone */
  async finish(): Promise<void> {
    this.flush()
    while (this.#answered < this.#asked && this.#failure === undefined) await new Promise<void>((resolve) => (this.#settled = resolve))
    this.#connection?.close()
    if (this.#failure) throw this.#failure
  }

  /** Lets go of the writer, whatever it has answered. */
  abandon(): void {
    this.#connection?.close()
  }

  heard(line: ServerLine): void {
    const { fault } = line as ControlAnswer
    this.#answered++
    if (fault) this.#failure ??= faultFromJson(fault)
    this.onSettled(this.#onTheWay.shift() ?? 0)
    this.#settled?.()
  }

  lost(why: Fault | undefined): void {
    this.#failure ??=
      why ?? new Fault("writer.unreachable", { directory: "the ledger", problem: "it left in the middle of an import; the same command goes on" })
    this.#settled?.()
  }

  #send(members: string, behind: readonly Buffer[] = [], bytes = 0): void {
    if (this.#failure) throw this.#failure
    this.#asked++
    this.#onTheWay.push(bytes)
    this.#connection?.send(`{"ask":${this.#asked},"do":"import",${members}${bytes === 0 ? "" : `,"bytes":${bytes}`}}\n`, behind)
  }
}
