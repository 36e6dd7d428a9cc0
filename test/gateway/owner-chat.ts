/** An owner and a stranger who write to the bot of the shared gateway, while it keeps the ledger of one suite. */
import { before } from "node:test"
import { socketPath } from "../../src/surfaces/socket/socket-path.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import type { JsonObject } from "./home.ts"
import { eventually } from "./ledger.ts"
import { owner, suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import type { TelegramSender } from "./telegram-server.ts"

export { owner }
export const stranger = { id: 802, firstName: "Sam", username: "sam_test" }

export type OwnerChat = {
  /** There from the first test on. */
  readonly fixture: () => SharedLedger
  /** Asks the writer as a command does. */
  order(what: JsonObject, more?: JsonObject): Promise<JsonObject>
  /** What the bot has written to somebody. */
  ofSender(of: TelegramSender): readonly string[]
  /** What the bot answers to a message. */
  said(from: TelegramSender, text: string): Promise<string>
}

/** To be called in the `describe` of a suite, whose ledger is the gateway's until another suite asks for another one. */
export function ownerChat(name: string, config: JsonObject): OwnerChat {
  let fixture: SharedLedger
  before(async () => {
    fixture = await suiteLedger(name, config)
  })
  const ofSender = ({ id }: TelegramSender) => fixture.telegram.sent.filter(({ chatId }) => chatId === String(id)).map(({ text }) => text)
  return {
    fixture: () => fixture,
    order: async (what, more = {}) =>
      (await askWriter({ socketPath: socketPath(fixture.ledger.dataDirectory), role: "cli" }, "order", 10_000, { ...more, order: what })) as JsonObject,
    ofSender,
    async said(from, text) {
      const earlier = ofSender(from).length
      fixture.telegram.receive(from, text)
      const texts = await eventually(
        `an answer to ${text}`,
        () => ofSender(from),
        (sent) => sent.length > earlier,
        30_000,
      )
      return texts.at(-1) ?? ""
    },
  }
}
