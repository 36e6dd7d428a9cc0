/** Questions in a terminal. Whoever cancels one cancels all: nothing was written yet. */
import { cancel, confirm, intro, isCancel, log, note, outro, password, select, text } from "@clack/prompts"
import { Fault } from "../../../base/fault.ts"

export type Choice<T> = { readonly value: T; readonly label: string; readonly hint?: string }
/** Undefined: it will do. */
export type Check = (text: string) => string | undefined

export type Asker = {
  readonly begin: (title: string) => void
  readonly yes: (question: string, usual?: boolean) => Promise<boolean>
  /** An empty text where nothing was typed. */
  readonly text: (question: string, usual: string, check?: Check) => Promise<string>
  readonly secret: (question: string, check?: Check) => Promise<string>
  readonly choose: <T extends string>(question: string, choices: readonly Choice<T>[], usual: T) => Promise<T>
  readonly tell: (title: string, lines: string) => void
  readonly say: (line: string) => void
  readonly end: (line: string) => void
}

/** Everything goes to standard error: standard output is for answers. */
const output = process.stderr

export const asker: Asker = {
  begin: (title) => intro(title, { output }),
  yes: async (message, initialValue = true) => unlessCancelled(await confirm({ message, initialValue, output })),
  text: async (message, initialValue, check) => {
    const answer = await text({ message, initialValue, output, ...(check && { validate: (typed) => check((typed ?? "").trim()) }) })
    return (unlessCancelled(answer) ?? "").trim()
  },
  secret: async (message, check) => {
    const answer = await password({ message, output, ...(check && { validate: (typed) => check((typed ?? "").trim()) }) })
    return (unlessCancelled(answer) ?? "").trim()
  },
  choose: async <T extends string>(message: string, choices: readonly Choice<T>[], initialValue: T) => {
    const options = choices.map(({ value, label, hint }) => ({ value: value as string, label, ...(hint === undefined ? {} : { hint }) }))
    return unlessCancelled(await select<string>({ message, options, initialValue, output })) as T
  },
  tell: (title, lines) => note(lines, title, { output }),
  say: (line) => log.info(line, { output }),
  end: (line) => outro(line, { output }),
}

function unlessCancelled<T>(answer: T): Exclude<T, symbol> {
  if (!isCancel(answer)) return answer as Exclude<T, symbol>
  cancel("Cancelled.", { output })
  throw new Fault("set-up.cancelled")
}
