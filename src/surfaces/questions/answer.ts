/** A question's answer over HTTP: the bytes that its command prints with --json, or its page or table. It never throws: what goes wrong is an answer, too. */
import { Fault, problemOf } from "../../base/fault.ts"
import { databaseFault, isDriverError } from "../../vault/database.ts"
import type { Asked, Format, Question } from "./question.ts"
import { valuesOf, wrong, type Parameter } from "./parameter.ts"

export type HttpAnswer = {
  readonly status: 200 | 400 | 404 | 500 | 503
  readonly type: string
  readonly text: string
  /** What the operator is told where the one who asked is not. */
  readonly problem?: string
}

/** A question with the argument that its path has. */
export type AskedQuestion = { readonly question: Question; readonly argument: string }

const types = { json: "application/json; charset=utf-8", html: "text/html; charset=utf-8", csv: "text/csv; charset=utf-8" } as const
const unknownThings: readonly string[] = ["event.unknown", "budget.unknown", "receipt.unknown", "retention.removed", "map.unknown-tree"]

export async function answerOf({ question, argument }: AskedQuestion, parameters: URLSearchParams, asked: Asked): Promise<HttpAnswer> {
  try {
    const format = formatIn(question, parameters)
    const textOf = ({ name }: Parameter) => parameters.get(name) ?? undefined
    const values = valuesOf(queried(question), textOf, { nameOf: ({ name }) => name, nowMs: asked.nowMs, overHttp: true })
    const answer = await question.ask(asked, values, argument)
    const text = format === "json" ? JSON.stringify(answer.body) : answer[format]?.()
    return { status: 200, type: types[format], text: text ?? "" }
  } catch (error) {
    return refusal(error, question)
  }
}

export function queried({ parameters }: Question): readonly Parameter[] {
  return parameters.filter(({ onlyFlag }) => !onlyFlag)
}

function formatIn(question: Question, parameters: URLSearchParams): "json" | Format {
  const known = [...queried(question).map(({ name }) => name), ...(question.chosenBy ? [question.chosenBy.name] : []), "format"]
  const named = [...parameters.keys()]
  const unknown = named.find((name) => !known.includes(name))
  if (unknown !== undefined) throw wrong(`There is no parameter "${unknown.slice(0, 80)}" here; there are ${known.join(", ")}.`)
  const twice = named.find((name) => parameters.getAll(name).length > 1)
  if (twice !== undefined) throw wrong(`${twice} is given twice.`)
  const chosen = question.chosenBy && parameters.get(question.chosenBy.name)
  if (typeof chosen === "string" && chosen !== question.chosenBy?.value) throw wrong(`There is no ${question.chosenBy?.name} "${chosen.slice(0, 80)}".`)
  const format = parameters.get("format") ?? "json"
  const formats = ["json", ...question.formats] as const
  const found = formats.find((one) => one === format)
  if (found === undefined) throw wrong(`format is ${formats.join(" or ")}, not "${format.slice(0, 80)}".`)
  return found
}

function refusal(error: unknown, { path }: Question): HttpAnswer {
  const told = (status: HttpAnswer["status"], { message, remedy }: Fault, problem?: string): HttpAnswer => ({
    status,
    type: types.json,
    text: JSON.stringify({ error: message, remedy }),
    ...(problem === undefined ? {} : { problem }),
  })
  if (error instanceof Fault && error.code === "cli.usage")
    return told(400, new Fault("cli.usage", { problem: error.message, command: `sovereign-ledger ${path}` }))
  if (error instanceof Fault && unknownThings.includes(error.code)) return told(404, error)
  if (error instanceof Fault) return told(503, error, error.message)
  if (isDriverError(error)) return told(503, databaseFault("a file of the ledger", error), problemOf(error))
  return told(500, new Fault("question.unanswered"), `this is a bug, please report it: ${problemOf(error)}`)
}
