/** One POST of a text, as witnesses are asked. */
import { exchange } from "./exchange.ts"

export type Posted = { readonly status: number; readonly contentType: string | undefined; readonly body: string }

/** Rejects with what kept it from an answer. */
export async function postText(url: string, body: string, signal: AbortSignal): Promise<Posted> {
  const headers = { "Content-Type": "text/plain; charset=utf-8" }
  const answer = await exchange({ url, method: "POST", headers, body }, signal)
  const contentType = answer.headers["content-type"]
  return { status: answer.status, contentType: typeof contentType === "string" ? contentType : undefined, body: answer.body.toString("utf8") }
}
