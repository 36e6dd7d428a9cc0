/** Hashes in place of texts: the salt for whoever is to check one, and the check. */
import { Fault } from "../../../base/fault.ts"
import type { Json } from "../../../base/json.ts"
import { redact } from "../../../capture/redact.ts"
import { fieldsHiding, hiddenFields } from "../../../views/redaction.ts"
import type { CommandRow } from "../command.ts"
import { readInput } from "../input-file.ts"
import { reading } from "./events.ts"

export const redactionCheck: CommandRow = {
  path: "redaction check",
  summary: "Is this the text that an event hides behind a hash",
  argument: { name: "<event>", words: "its sequence number or its id" },
  options: [{ flags: "--file <file>", words: "file with the text, or with the arguments or the result as JSON; - reads standard input" }],
  help: `Secrets in the text are taken out first, as they were when the event was recorded.

Exit status: 0 it is, 1 it is not, 2 the event hides nothing or the file cannot be read.

Example:
  sovereign-ledger redaction check 42 --file prompt.txt`,
  run: (context, flags, argument) =>
    reading(context, async (access) => {
      const hidden = hiddenFields(access, argument ?? "")
      const fields = fieldsHiding(hidden, readings(writtenIn(flags["file"] as string | undefined)))
      const { terminal } = context
      const body = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), sequence: hidden.sequence, matches: fields.length > 0, fields }
      if (context.json) await terminal.write(`${JSON.stringify(body)}\n`)
      else if (fields.length > 0) await terminal.write(`${terminal.colors.green("✓ THE SAME")}  ${fields.join(", ")} of event #${hidden.sequence}\n`)
      else
        await terminal.write(
          `${terminal.colors.red("✗ NOT THE SAME")}  event #${hidden.sequence} hides ${hidden.fields.map(({ field }) => field).join(", ")}\n`,
        )
      return fields.length > 0 ? 0 : 1
    }),
}

export const redactionSaltCommand: CommandRow = {
  path: "redaction salt",
  summary: "The salt with which somebody else checks the hashes of one conversation",
  argument: { name: "<event>", words: "its sequence number or its id" },
  help: `It is the salt of one session and sender, and opens nothing. Erasing the conversation destroys it here.

With a prompt as its JSON text in prompt.json ("hello", with the quotes, without a line feed):

Example:
  sovereign-ledger redaction salt 42
  openssl dgst -sha256 -mac HMAC -macopt hexkey:<salt> prompt.json`,
  run: (context, _flags, argument) =>
    reading(context, async (access) => {
      const hidden = hiddenFields(access, argument ?? "")
      const text = [`salt  ${hidden.salt}`, ...hidden.fields.map(({ field, hash }) => `${field}  ${hash}`)].join("\n")
      const body = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), ...hidden }
      await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : `${text}\n`)
      return 0
    }),
}

function writtenIn(file: string | undefined): string {
  if (file === undefined) throw new Fault("cli.usage", { problem: "option '--file <file>' is missing." })
  return readInput(file).toString("utf8")
}

/** What a file may mean: a text, with or without the line feed that ends it, a list of one (an answer is a list of texts), a value as JSON; without secrets. */
function readings(written: string): readonly Json[] {
  const texts = [written, written.replace(/\r?\n$/, "")]
  return [...texts, ...texts.map((text) => [text]), ...parsed(written)].map((value) => redact(value).value)
}

function parsed(written: string): readonly Json[] {
  try {
    return [JSON.parse(written) as Json]
  } catch {
    return [] // a text, then
  }
}
