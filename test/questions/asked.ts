/** Asks questions in both ways at one instant: as a command, whose words are kept, and over HTTP. */
import { createColors } from "picocolors"
import { keepsAll } from "../../src/policy/retention.ts"
import type { CommandContext } from "../../src/surfaces/cli/command.ts"
import { askedOf, commandOf } from "../../src/surfaces/cli/question-command.ts"
import { answerOf, type HttpAnswer } from "../../src/surfaces/questions/answer.ts"
import type { Question } from "../../src/surfaces/questions/question.ts"
import { questionAt } from "../../src/surfaces/questions/question-list.ts"
import { FakeClocks } from "../fake-clocks.ts"
import type { TestLedger } from "../ledger-fixture.ts"

export type Said = { readonly exit: number; readonly text: string }

/** A command's context over a ledger of a test; what it says is kept. */
export function contextOf(ledger: Pick<TestLedger, "files" | "places">, nowMs: number, options: { readonly json?: boolean } = {}) {
  const said: string[] = []
  const write = (text: string) => {
    said.push(text)
    return Promise.resolve()
  }
  const context: CommandContext = {
    files: ledger.files,
    places: ledger.places,
    socket: "/nonexistent/socket",
    witnesses: [],
    timestampAuthorities: [],
    retention: keepsAll,
    keyFileFor: () => "",
    keyCommand: undefined,
    placesFor: () => ledger.places,
    terminal: { colors: createColors(false), width: 120, write, product: write, note: () => {}, progress: () => () => {}, clearProgress: () => {} },
    json: options.json ?? false,
    nowMs,
    clocks: new FakeClocks(nowMs).read(),
  }
  return { context, said }
}

/** Flags by the names commander gives them: `{ dupWindowSec: "30", raw: true }`. */
export async function command(
  question: Question,
  context: ReturnType<typeof contextOf>,
  flags: Readonly<Record<string, unknown>>,
  argument?: string,
): Promise<Said> {
  const exit = await commandOf(question).run(context.context, flags, argument, [])
  return { exit, text: context.said.join("") }
}

/** `report/cron/job?last=3`, below the API's root. */
export async function http(ledger: Pick<TestLedger, "files" | "places">, nowMs: number, address: string): Promise<HttpAnswer> {
  const [path = "", query = ""] = address.split("?")
  const parameters = new URLSearchParams(query)
  const found = questionAt(path, parameters)
  if (!found) return { status: 404, type: "text/plain", text: "" }
  const { asked, close } = askedOf(contextOf(ledger, nowMs).context)
  try {
    return await answerOf(found, parameters, asked)
  } finally {
    close()
  }
}
