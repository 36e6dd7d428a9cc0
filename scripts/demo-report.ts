/** What the demo prints: numbered steps with the elapsed time, results with a tick or a cross, other programs' output indented. */
export type DemoReport = {
  /** Begins a step: what happens, and in one line why it matters. */
  step(what: string, why: string): void
  note(text: string): void
  /** A result that must hold; a failed one makes the demo fail in the end. */
  expect(holds: boolean, text: string): void
  output(text: string, options?: { readonly maxLines: number }): void
  readonly failures: readonly string[]
  readonly elapsedMs: number
}

const codes = { bold: 1, dim: 2, red: 31, green: 32 } as const

export function createReport(stepCount: number, out: NodeJS.WriteStream = process.stdout): DemoReport {
  const startedMs = performance.now()
  const failures: string[] = []
  const coloured = out.isTTY && process.env["NO_COLOR"] === undefined
  const paint = (colour: keyof typeof codes, text: string) => (coloured ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text)
  const print = (line: string) => out.write(`${line}\n`)
  const elapsedMs = () => performance.now() - startedMs
  let stepNumber = 0
  return {
    failures,
    get elapsedMs() {
      return elapsedMs()
    },
    step(what, why) {
      stepNumber += 1
      const clock = `${(elapsedMs() / 1000).toFixed(1).padStart(5)} s`
      print(`\n${paint("dim", clock)}  ${paint("bold", `${stepNumber}/${stepCount} ${what}`)}`)
      print(paint("dim", `         ${why}`))
    },
    note: (text) => print(`         ${text}`),
    expect(holds, text) {
      if (!holds) failures.push(text)
      print(`       ${holds ? paint("green", "✓") : paint("red", "✗")} ${text}`)
    },
    output(text, { maxLines } = { maxLines: 60 }) {
      const lines = text.trimEnd().split("\n")
      for (const line of lines.slice(0, maxLines)) print(paint("dim", "         | ") + line)
      if (lines.length > maxLines) print(paint("dim", `         | ... ${lines.length - maxLines} more lines`))
    },
  }
}
