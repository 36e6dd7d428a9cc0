/**
 * What a gateway is answered that shows the page on its own port: in a process beside it, since no gateway opens a database of ours. There the page stands in a frame
 * without an origin, which may fetch nothing; so the answers it asks for come with the document.
 */
import { Fault, problemOf } from "../../base/fault.ts"
import { objectOf } from "../../base/json.ts"
import { framedPolicy, withData, type BuiltPage } from "../page/page-file.ts"
import type { ApiAnswers } from "./api-answers.ts"
import type { Whole } from "./reply.ts"

export type GatewayAnswer = { readonly status: number; readonly type: string; readonly text: string; readonly policy?: string }

const mostAsked = 12
const mostCharacters = 2_048

/** A line is `{"ask": "spend?by=model"}` for one answer, or `{"page": ["status", ...]}` for the document with these in it. */
export async function gatewayAnswer(line: string, page: BuiltPage, api: ApiAnswers): Promise<GatewayAnswer> {
  try {
    const told = objectOf(JSON.parse(line))
    const asked = told["ask"]
    if (typeof asked === "string") {
      const { status, type = "", body } = await toldBy(api, asked)
      return { status, type, text: String(body) }
    }
    const questions = (Array.isArray(told["page"]) ? told["page"] : [])
      .filter((one) => typeof one === "string" && one.length <= mostCharacters)
      .slice(0, mostAsked)
    const answers: Record<string, unknown> = {}
    for (const question of new Set(["", ...questions])) {
      const { status, body } = await toldBy(api, question)
      answers[question] = { status, body: JSON.parse(String(body)) as unknown }
    }
    return { status: 200, type: "text/html; charset=utf-8", text: withData(page, { framed: true, answers }), policy: framedPolicy(page) }
  } catch (error) {
    const problem = error instanceof Fault ? error.message : `this is a bug, please report it: ${problemOf(error)}`
    return { status: 500, type: "text/plain; charset=utf-8", text: `${problem}\n` }
  }
}

function toldBy(api: ApiAnswers, question: string): Promise<Whole> {
  const [path = "", query = ""] = question.split(/\?(.*)/s, 2)
  return api.told(path, new URLSearchParams(query))
}
