/** A process that answers for a gateway: each line of its input is a question, and one line of JSON its answer, in order, until the input ends with who asks. */
import { LineSplitter } from "../socket/lines.ts"
import type { Terminal } from "./terminal.ts"

export async function answerLines(terminal: Terminal, mostLineBytes: number, answer: (line: string) => Promise<object>): Promise<void> {
  const lines: string[] = []
  const splitter = new LineSplitter(mostLineBytes, (line) => void lines.push(line))
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    if (!splitter.push(chunk)) return
    for (const line of lines.splice(0)) await terminal.write(`${JSON.stringify(await answer(line))}\n`)
  }
}
